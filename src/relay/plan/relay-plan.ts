import type { ChannelRoute } from '../../channels/channel-route';
import type { KeyLease } from '../../selector/key-selector';
import type { Refusal } from '../answer/refusal';
import type { RetryAdvice } from '../retry/retry-advice';

/** Where the next attempt goes, with which key, and for which model. */
export interface PlannedAttempt {
  readonly channel: ChannelRoute;
  readonly lease: KeyLease;
  /** As the upstream is asked for it. */
  readonly model: string;
}

/** One request's way through keys and channels. */
export interface RelayPlan {
  /** The channels that may serve it. */
  readonly candidates: readonly ChannelRoute[];
  /** What the client hears when nothing can serve, in place of how the candidates stand. */
  readonly refusal: Refusal | null;
  /** Null when no key can serve now. */
  first(): PlannedAttempt | null;
  /** The latest attempt was made once more; it counts as one. */
  repeated(): void;
  /** Null when nothing is left to try. */
  next(advice: RetryAdvice): PlannedAttempt | null;
}
