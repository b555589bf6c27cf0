import type { ProviderType } from '../../channels/provider-type';
import { upstreamPath } from '../../channels/upstream-path';
import type { KeyState } from '../../keys/key-state';
import type { ProbeDepth } from './probe-report';

/** What a request asks an upstream for. */
export type ProbeSubject = 'models' | 'balance' | 'chat';

/** One request that a probe may send. */
export interface ProbeRequest {
  readonly subject: ProbeSubject;
  readonly depth: ProbeDepth;
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object | null;
}

/** Where a probe goes and what is known of the key beforehand. */
export interface ProbeTarget {
  readonly upstream: URL;
  readonly provider: ProviderType;
  readonly secret: string;
  readonly state: KeyState;
  /** The model that a call asks for, as the upstream names it; null: none is known, so there can be no call. */
  readonly model: string | null;
}

interface Dialect {
  /** What the provider wants beside the bearer token that every OpenAI-compatible endpoint takes. */
  readonly credentials: (secret: string) => Readonly<Record<string, string>>;
  /** The one path that tells at no cost whether an account has money. */
  readonly balancePath?: string;
}

const DIALECTS: Readonly<Record<ProviderType, Dialect>> = {
  openai: { credentials: () => ({}) },
  azure: { credentials: (secret) => ({ 'api-key': secret }) },
  anthropic: { credentials: (secret) => ({ 'x-api-key': secret, 'anthropic-version': '2023-06-01' }) },
  gemini: { credentials: (secret) => ({ 'x-goog-api-key': secret }) },
  deepseek: { credentials: () => ({}), balancePath: '/user/balance' },
};

/**
 * The requests of a probe, in the order to send them: each next one only if the upstream does not know the one before. A
 * list of models does not tell whether an exhausted key has money again, so where no balance can be asked for, a call takes
 * its place.
 */
export function probeRequests(target: ProbeTarget, depth: ProbeDepth): ProbeRequest[] {
  return subjectsOf(target, depth).map((subject) => requestFor(target, subject));
}

function subjectsOf({ provider, state, model }: ProbeTarget, depth: ProbeDepth): ProbeSubject[] {
  if (depth === 'call' && model !== null) return ['chat'];
  if (state !== 'exhausted') return model === null ? ['models'] : ['models', 'chat'];
  const telling: ProbeSubject = model === null ? 'models' : 'chat';
  return DIALECTS[provider].balancePath === undefined ? [telling] : ['balance', telling];
}

function requestFor({ upstream, provider, secret, model }: ProbeTarget, subject: ProbeSubject): ProbeRequest {
  const { credentials, balancePath = '' } = DIALECTS[provider];
  const basePath = upstream.pathname.replace(/\/+$/, '');
  const paths: Readonly<Record<ProbeSubject, string>> = {
    models: upstreamPath(basePath, '/v1/models', ''),
    balance: basePath.replace(/\/v\d+$/, '') + balancePath,
    chat: upstreamPath(basePath, '/v1/chat/completions', ''),
  };
  const isCall = subject === 'chat';
  return {
    subject,
    depth: isCall ? 'call' : 'free',
    method: isCall ? 'POST' : 'GET',
    url: upstream.origin + paths[subject],
    headers: { authorization: `Bearer ${secret}`, ...credentials(secret), 'user-agent': 'keymux' },
    body: isCall ? { model, max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] } : null,
  };
}
