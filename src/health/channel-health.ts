import type { ChannelBreaker } from './breaker/channel-breaker';
import type { FailureWave } from './breaker/failure-wave';
import type { PoolHealth } from './pool/pool-health';

/** Keys that were refused alike within a short time, whoever was to blame. */
interface LastWave {
  readonly keyCount: number;
  /** On `Clock.nowMs`. */
  readonly seenAtMs: number;
}

/** What is known in memory about one channel and its keys. */
export interface ChannelHealth {
  readonly channelId: number;
  readonly breaker: ChannelBreaker;
  readonly wave: FailureWave;
  /** Null until its keys are loaded. */
  pool: PoolHealth | null;
  /** The last wave of keys that were refused alike; null when there was none. */
  lastWave: LastWave | null;
}
