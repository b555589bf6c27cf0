/** Where a request is meant to go, by the spelling that the routes table knows. */
export interface RelayTarget {
  readonly path: string;
  /** From the question mark on; empty when there is none. */
  readonly query: string;
  /** The model that an Azure-style path names before the path of ours; null in any other path. */
  readonly deployment: string | null;
}

// What a proxy's client sends in place of a path.
const ABSOLUTE_FORM = /^https?:\/\/[^/?]*/i;
/** First words of paths that clients send whose base URL lacks the /v1. */
const ROOT_WORDS = new Set([
  'chat',
  'completions',
  'responses',
  'embeddings',
  'images',
  'audio',
  'moderations',
  'rerank',
  'models',
  'messages',
]);
const DEPLOYMENT = /^\/openai\/deployments\/([^/]+)\/(.+)$/;
const SLASH = 0x2f;

/**
 * The relay's target in a raw URL, null for what is not the relay's: anything under /v1 and /v1beta, the same at the root or
 * with a doubled /v1 or slash, and the paths of Azure's API.
 */
export function relayTarget(url: string): RelayTarget | null {
  const isUsual = url.startsWith('/v1/') && url.charCodeAt(4) !== SLASH && !url.startsWith('/v1/v1');
  const { path, query } = splitAtQuery(url.charCodeAt(0) === SLASH ? url : url.replace(ABSOLUTE_FORM, ''));
  return isUsual ? targetAt(path, query) : unusualTarget(path, query);
}

function unusualTarget(raw: string, query: string): RelayTarget | null {
  const path = raw.replace(/^\/{2,}/, '/').replace(/^(\/v1(?:beta)?)\/{2,}/, '$1/');
  if (/^\/v1\/v1(?=\/|$)/.test(path)) return targetAt(path.slice('/v1'.length), query);
  if (/^\/v1(?:beta)?(?=\/|$)/.test(path)) return targetAt(path, query);
  if (path.startsWith('/openai/')) return azureTarget(path, query);
  const word = path.slice(1, (path + '/').indexOf('/', 1));
  return ROOT_WORDS.has(word) ? targetAt(`/v1${path}`, query) : null;
}

function azureTarget(path: string, query: string): RelayTarget {
  const [, deployment, rest] = DEPLOYMENT.exec(path) ?? [];
  if (deployment !== undefined && rest !== undefined) return { ...targetAt(`/v1/${rest}`, query), deployment };
  const own = path.slice('/openai'.length);
  return targetAt(own === '/v1' || own.startsWith('/v1/') ? own : `/v1${own}`, query);
}

/** A slash at the end says nothing, and clients that put paths together leave it. */
function targetAt(path: string, query: string): RelayTarget {
  let end = path.length;
  while (end > 1 && path.charCodeAt(end - 1) === SLASH) end--;
  return { path: path.slice(0, end), query, deployment: null };
}

function splitAtQuery(url: string): { path: string; query: string } {
  const mark = url.indexOf('?');
  return mark === -1 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark) };
}
