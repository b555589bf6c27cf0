/** Whose API a request speaks, and which one an upstream understands. */
export const DIALECTS = ['openai', 'anthropic', 'gemini'] as const;

export type Dialect = (typeof DIALECTS)[number];
