import type { TokenUsage } from './token-usage';

/** One try to have an upstream answer a request. */
export interface AttemptRecord {
  readonly channelId: number;
  readonly keyId: number;
  readonly keyIndex: number;
  readonly startedAtMs: number;
  /** Until the attempt was over. */
  readonly durationMs: number;
  /** HTTP status of the upstream's answer; 0 when it gave none. */
  readonly status: number;
  /** What a failure was taken for; null when there was none, or none that is the upstream's. */
  readonly verdict: string | null;
}

/** How a request ended. */
export type EndReason = 'done' | 'client_gone' | 'upstream_error' | 'timeout' | 'refused';

/** What is kept of one relayed request: never a prompt, an answer or a key. */
export interface RequestRecord {
  readonly requestId: string;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly tokenId: number;
  readonly path: string;
  readonly model: string;
  readonly isStream: boolean;
  /** HTTP status of our answer. */
  readonly status: number;
  readonly endReason: EndReason;
  /** As far as the answer says; null when it says nothing. */
  readonly usage: TokenUsage | null;
  readonly attempts: readonly AttemptRecord[];
}
