/** What a request cost in tokens; null where the upstream does not say. */
export interface TokenUsage {
  /** All that was read, from a cache or not. */
  readonly promptTokens: number | null;
  /** All that was written, thoughts too. */
  readonly completionTokens: number | null;
  /** The part of the prompt that came from a cache. */
  readonly cachedTokens: number | null;
}
