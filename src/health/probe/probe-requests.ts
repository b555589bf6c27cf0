import type { ProviderType } from '../../channels/provider-type';
import { credentialHeaders, dialectOf, requiredHeaders } from '../../channels/providers';
import type { Dialect } from '../../channels/dialect';
import { DEFAULT_API_VERSION, upstreamPath, type UpstreamTarget, withoutVersion } from '../../channels/upstream-path';
import type { RevealedKey } from '../../keys/key-reader';
import type { KeyState } from '../../keys/key-state';
import type { OwnRequest } from '../own-requests';
import type { ProbeDepth } from './probe-report';

/** What a request asks an upstream for. */
export type ProbeSubject = 'models' | 'balance' | 'chat';

/** One request that a probe may send. */
export interface ProbeRequest extends OwnRequest {
  readonly subject: ProbeSubject;
  readonly depth: ProbeDepth;
}

/** Where a probe goes and what is known of the key beforehand. */
export interface ProbeTarget {
  readonly upstream: URL;
  readonly provider: ProviderType;
  /** Sent to Azure. */
  readonly apiVersion: string;
  /** Header in lower case -> the value that it gets; null removes it. */
  readonly headerOverride: ReadonlyMap<string, string | null>;
  readonly secret: string;
  readonly state: KeyState;
  /** The model that a call asks for, as the upstream names it; null: none is known, so there can be no call. */
  readonly model: string | null;
}

interface Call {
  readonly path: string;
  readonly body: object;
}

/** The smallest call of a model in each dialect. */
const CALLS: Readonly<Record<Dialect, (model: string) => Call>> = {
  openai: (model) => ({ path: '/v1/chat/completions', body: smallestChat(model) }),
  anthropic: (model) => ({ path: '/v1/messages', body: smallestChat(model) }),
  gemini: (model) => ({
    path: `/v1beta/models/${encodeURIComponent(model)}:generateContent`,
    body: { contents: [{ parts: [{ text: 'hi' }] }], generationConfig: { maxOutputTokens: 1 } },
  }),
};

const MODEL_LISTS: Readonly<Record<Dialect, string>> = {
  openai: '/v1/models',
  anthropic: '/v1/models',
  gemini: '/v1beta/models',
};

/** The paths that tell at no cost whether an account has money. */
const BALANCE_PATHS: Partial<Readonly<Record<ProviderType, string>>> = { deepseek: '/user/balance' };

/** `model`: the one to call instead of the channel's own choice. */
export function probeTarget({ upstream, secret, state }: RevealedKey, model: string | undefined): ProbeTarget {
  const asked = model ?? upstream.settings.test_model ?? upstream.models[0];
  return {
    upstream: new URL(upstream.baseUrl),
    provider: upstream.type,
    apiVersion: upstream.settings.api_version ?? DEFAULT_API_VERSION,
    headerOverride: upstream.headerOverride,
    secret,
    state,
    model: asked === undefined ? null : upstream.modelMapping.map(asked),
  };
}

/**
 * The requests of a probe, in the order to send them: each next one only if the upstream does not know the one before. A
 * list of models does not tell whether an exhausted key has money again, so where no balance can be asked for, a call takes
 * its place.
 */
export function probeRequests(target: ProbeTarget, depth: ProbeDepth): ProbeRequest[] {
  const { provider, state, model } = target;
  const list = modelListRequest(target, '');
  const call = model === null ? null : callRequest(target, model);
  if (depth === 'call' && call) return [call];
  if (state !== 'exhausted') return call ? [list, call] : [list];
  const balancePath = BALANCE_PATHS[provider];
  const telling = call ?? list;
  return balancePath === undefined ? [telling] : [balanceRequest(target, balancePath), telling];
}

/** Asks for the models that the key may use; the query, from its question mark on, may be empty. */
export function modelListRequest(target: ProbeTarget, query: string): ProbeRequest {
  const path = joinedPath(target, { path: MODEL_LISTS[dialectOf(target.provider)], query, model: '' });
  return { subject: 'models', depth: 'free', method: 'GET', ...sharedParts(target, path), body: null };
}

function callRequest(target: ProbeTarget, model: string): ProbeRequest {
  const { path, body } = CALLS[dialectOf(target.provider)](model);
  const joined = joinedPath(target, { path, query: '', model });
  return { subject: 'chat', depth: 'call', method: 'POST', ...sharedParts(target, joined), body };
}

function balanceRequest(target: ProbeTarget, balancePath: string): ProbeRequest {
  const path = withoutVersion(basePathOf(target)) + balancePath;
  return { subject: 'balance', depth: 'free', method: 'GET', ...sharedParts(target, path), body: null };
}

function joinedPath(target: ProbeTarget, asked: UpstreamTarget): string {
  const { provider: type, apiVersion } = target;
  return upstreamPath({ type, basePath: basePathOf(target), apiVersion }, asked);
}

function basePathOf({ upstream }: ProbeTarget): string {
  return upstream.pathname.replace(/\/+$/, '');
}

function sharedParts(target: ProbeTarget, path: string): Pick<ProbeRequest, 'url' | 'headers'> {
  return { url: target.upstream.origin + path, headers: headersFor(target) };
}

/** As the relay's: the channel's own word on headers counts, but never on the key's. */
function headersFor({ provider, secret, headerOverride }: ProbeTarget): Record<string, string> {
  const headers = new Map([['user-agent', 'keymux'], ...pairsOf(requiredHeaders(provider))]);
  for (const [name, value] of headerOverride) {
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
  return Object.fromEntries([...headers, ...pairsOf(credentialHeaders(provider, secret))]);
}

function pairsOf(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, at): [string, string][] => (at % 2 === 0 ? [[name, flat[at + 1] ?? '']] : []));
}

function smallestChat(model: string): object {
  return { model, max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] };
}
