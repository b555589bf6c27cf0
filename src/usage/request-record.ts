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

/** How a request ended. `shutdown`: the program stopped before it was over. */
export const END_REASONS = ['done', 'client_gone', 'upstream_error', 'timeout', 'refused', 'shutdown'] as const;

export type EndReason = (typeof END_REASONS)[number];

/** What is kept of one relayed request: never a prompt, an answer or a key. */
export interface RequestRecord {
  readonly requestId: string;
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** From the start of the request to the first byte of an upstream's answer for the client; null: there was none. */
  readonly ttftMs: number | null;
  readonly tokenId: number;
  readonly path: string;
  /** Empty for a request that names no model. */
  readonly modelAsked: string;
  /** As the last upstream was asked for it; null for none. */
  readonly modelSent: string | null;
  readonly isStream: boolean;
  /** HTTP status of our answer; 499: the client left before there was one. */
  readonly status: number;
  readonly endReason: EndReason;
  /** Null when nothing is known of it. */
  readonly usage: TokenUsage | null;
  /** Whether a part of the usage is our estimate, since the upstream did not say. */
  readonly isEstimated: boolean;
  readonly attempts: readonly AttemptRecord[];
}
