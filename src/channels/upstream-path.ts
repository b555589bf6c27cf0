import type { ProviderType } from './provider-type';

/** What of a channel decides about paths. */
export interface UpstreamBase {
  readonly type: ProviderType;
  /** Path of the base URL without a trailing slash; may be empty. */
  readonly basePath: string;
  /** Sent to Azure by callers who name none. */
  readonly apiVersion: string;
}

/** What is asked of the upstream. */
export interface UpstreamTarget {
  /** As our routes table has it, from `/v1/` or `/v1beta/` on. */
  readonly path: string;
  /** From the question mark on; empty when there is none. */
  readonly query: string;
  /** As the upstream names it; empty in a request that is about no model. */
  readonly model: string;
}

export const DEFAULT_API_VERSION = '2024-10-21';

/** Gemini and others keep their OpenAI-compatible API in a folder below the version. */
const VERSION = /\/v\d+(?:alpha|beta)?\d*(?:\/openai)?$/;
const AZURE_WITHOUT_DEPLOYMENTS = '/openai/v1';
/** What Azure serves beside the deployments. */
const BESIDE_DEPLOYMENTS = /^\/(?:responses|models)(?:\/|$)/;
const NAMES_API_VERSION = /[?&]api-version=/i;

/**
 * The path and query of an upstream request: the base URL's path and ours. A base that names a version itself
 * (`https://host/v1`, `https://host/api/paas/v4`) takes the place of our `/v1` or `/v1beta`. Azure's own paths name the
 * deployment, which is the model, unless the base is that of Azure's API without them (`https://host/openai/v1`).
 */
export function upstreamPath(base: UpstreamBase, target: UpstreamTarget): string {
  const { type, basePath } = base;
  const { path, query } = target;
  const rest = path.slice(path.indexOf('/', 1));
  if (type === 'azure' && !basePath.endsWith(AZURE_WITHOUT_DEPLOYMENTS)) return azurePath(base, rest, target);
  return `${basePath}${VERSION.test(basePath) ? rest : path}${query}`;
}

/** A base URL's path less the version at its end, if there is one. */
export function withoutVersion(basePath: string): string {
  return basePath.replace(VERSION, '');
}

function azurePath({ basePath, apiVersion }: UpstreamBase, rest: string, { query, model }: UpstreamTarget): string {
  const root = basePath.endsWith('/openai') ? basePath : `${basePath}/openai`;
  const isBeside = model === '' || BESIDE_DEPLOYMENTS.test(rest);
  const path = isBeside ? `${root}${rest}` : `${root}/deployments/${encodeURIComponent(model)}${rest}`;
  if (NAMES_API_VERSION.test(query)) return `${path}${query}`;
  return `${path}${query.length > 1 ? `${query}&` : '?'}api-version=${apiVersion}`;
}
