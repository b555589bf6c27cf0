import { storableTokens } from './storable';

/** What a request cost in tokens; null where the upstream does not say. */
export interface TokenUsage {
  /** All that was read, from a cache or not. */
  readonly promptTokens: number | null;
  /** All that was written, thoughts too. */
  readonly completionTokens: number | null;
  /** The part of the prompt that came from a cache. */
  readonly cachedTokens: number | null;
}

/** Nobody said anything. */
export const UNKNOWN_USAGE: TokenUsage = { promptTokens: null, completionTokens: null, cachedTokens: null };

/** The tokens that a request counts for, read and written; what nobody stated counts for none. */
export function countedTokens(usage: TokenUsage | null): number {
  return storableTokens(usage?.promptTokens ?? 0) + storableTokens(usage?.completionTokens ?? 0);
}
