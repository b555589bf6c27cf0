import type { Dialect } from './dialect';
import type { ProviderType } from './provider-type';

interface Provider {
  readonly dialect: Dialect;
  /** The header, in lower case, that carries a key. */
  readonly credentialHeader: string;
  /** What stands before the key in that header. */
  readonly credentialPrefix: string;
  /** Headers, as a flat list, that the provider refuses to do without. */
  readonly requiredHeaders: readonly string[];
}

const NONE: readonly string[] = [];
const BEARER = { credentialHeader: 'authorization', credentialPrefix: 'Bearer ', requiredHeaders: NONE };

const PROVIDERS: Readonly<Record<ProviderType, Provider>> = {
  openai: { dialect: 'openai', ...BEARER },
  azure: { dialect: 'openai', credentialHeader: 'api-key', credentialPrefix: '', requiredHeaders: NONE },
  anthropic: {
    dialect: 'anthropic',
    credentialHeader: 'x-api-key',
    credentialPrefix: '',
    requiredHeaders: ['anthropic-version', '2023-06-01'],
  },
  gemini: { dialect: 'gemini', credentialHeader: 'x-goog-api-key', credentialPrefix: '', requiredHeaders: NONE },
  deepseek: { dialect: 'openai', ...BEARER },
};

/** The API that upstreams of this type speak. */
export function dialectOf(type: ProviderType): Dialect {
  return PROVIDERS[type].dialect;
}

/** The headers that show a key to upstreams of this type: names in lower case and values by turns. */
export function credentialHeaders(type: ProviderType, secret: string): readonly string[] {
  const { credentialHeader, credentialPrefix } = PROVIDERS[type];
  return [credentialHeader, credentialPrefix + secret];
}

/** The headers, named and valued by turns, that upstreams of this type must get from callers who send none such. */
export function requiredHeaders(type: ProviderType): readonly string[] {
  return PROVIDERS[type].requiredHeaders;
}
