import type { VerdictKind } from '../../channels/verdict-kinds';

/** An upstream's answer as far as it was read. */
export interface UpstreamAnswer {
  readonly status: number;
  /** The value of a header by its lower-case name; empty when it is absent. */
  readonly header: (name: string) => string;
  /** The first bytes of the body, decompressed and decoded; may be cut off anywhere. */
  readonly body: string;
}

/** What a limit applies to: this key for this model, the whole key, or every key of the channel (Azure deployments). */
export type LimitScope = 'model' | 'key' | 'channel';

/** A moment at which a provider's quotas begin anew. */
export type ResetMoment = 'midnight-pacific' | 'month-start-utc';

/** What was decided about one answer, and on which evidence. */
export interface Verdict {
  readonly kind: VerdictKind;
  /** The row of the table that decided, such as `openai/invalid-api-key`; for people and tests. */
  readonly rule: string;
  /** The most telling code of the answer, at most 64 characters of `[A-Za-z0-9_.:-]`: its code, type or reason, else `http_401`. */
  readonly code: string;
  /** The answer's own words: at most 300 characters, not yet searched for a quoted key; empty when it has none. */
  readonly message: string;
  readonly scope: LimitScope;
  /** Shortest time to cool, whatever the answer says; 0 for none. */
  readonly minimumCoolMs: number;
  /** An override's own time to cool, which counts instead of all hints; null when there is none. */
  readonly fixedCoolMs: number | null;
  readonly resetsAt: ResetMoment | null;
}
