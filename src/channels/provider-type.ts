/** Who runs an upstream, or whose API it imitates. */
export const PROVIDER_TYPES = ['openai', 'azure', 'anthropic', 'gemini', 'deepseek'] as const;

export type ProviderType = (typeof PROVIDER_TYPES)[number];
