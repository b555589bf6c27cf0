/** Whose dialect of errors an upstream speaks. */
export const PROVIDER_TYPES = ['openai', 'azure', 'anthropic', 'gemini', 'deepseek'] as const;

export type ProviderType = (typeof PROVIDER_TYPES)[number];
