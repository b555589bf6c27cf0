import type { Clock } from '../../common/clock';

const WINDOW_MS = 30_000;
const FEWEST_SLOTS = 3;
const SHARE_OF_POOL = 0.3;
// Of a large pool so many are telling enough: 100,000 keys must not need 30,000 bad ones.
const ENOUGH_SLOTS = 20;

const MOST_SLOTS = 1_000;
const MOST_SIGNATURES = 8;

/** So many keys failed alike that their channel may be to blame. */
export interface WaveSuspicion {
  readonly signature: string;
  /** When its first key failed, on `Clock.nowMs`. */
  readonly beganAtMs: number;
  /** The keys that failed so within the last 30 s, the one that last failed the longest ago first; at most 1,000. */
  readonly slots: readonly number[];
}

interface Wave {
  readonly beganAtMs: number;
  raisedAtMs: number;
  /** When each slot failed last, in the order of these times. */
  readonly failedAtMs: Map<number, number>;
}

/**
 * Notices that the keys of one channel fail alike while none of them works, which no key is to blame for.
 * Remembers at most 1,000 keys of each of the 8 latest signatures.
 */
export class FailureWave {
  /** By signature, the one that failed last at the end. */
  private readonly waves = new Map<string, Wave>();

  constructor(private readonly clock: Clock) {}

  /**
   * A key failed; `signature` is the verdict's kind and code, such as `KEY_DEAD:invalid_api_key`, and `poolSize` how many
   * keys are in play: the usable ones and those that fail. The answer is a suspicion when this failure gives rise to one,
   * at most once for a wave within 30 s.
   */
  failed(slot: number, signature: string, poolSize: number): WaveSuspicion | null {
    const nowMs = this.clock.nowMs();
    const wave = this.currentWave(signature, nowMs);
    wave.failedAtMs.delete(slot);
    wave.failedAtMs.set(slot, nowMs);
    dropOldest(wave.failedAtMs, MOST_SLOTS);
    if (!isTelling(wave.failedAtMs.size, poolSize) || nowMs - wave.raisedAtMs < WINDOW_MS) return null;
    wave.raisedAtMs = nowMs;
    return { signature, beganAtMs: wave.beganAtMs, slots: [...wave.failedAtMs.keys()] };
  }

  /**
   * A key's attempt that started at `startedAtMs` succeeded. That ends every wave that was there before the attempt, for
   * the channel works; unless this key is one of the wave's and has failed since.
   */
  succeeded(slot: number, startedAtMs: number): void {
    for (const [signature, wave] of this.waves) {
      if (startedAtMs > this.disprovedAfterMs(wave, slot)) this.waves.delete(signature);
    }
  }

  /** Whether no success has ended the wave that gave rise to this suspicion. */
  stands({ signature, beganAtMs }: WaveSuspicion): boolean {
    return this.waves.get(signature)?.beganAtMs === beganAtMs;
  }

  /** The suspicion was looked into, or acted upon: counting starts anew. */
  dismiss(): void {
    this.waves.clear();
  }

  private currentWave(signature: string, nowMs: number): Wave {
    const known = this.waves.get(signature);
    if (known) dropExpired(known.failedAtMs, nowMs - WINDOW_MS);
    const wave = known && known.failedAtMs.size > 0 ? known : waveFrom(nowMs);
    this.waves.delete(signature);
    this.waves.set(signature, wave);
    dropOldest(this.waves, MOST_SIGNATURES);
    return wave;
  }

  /** A wave may go on for hours, and a long attempt from its beginning tells nothing of the failures still counted. */
  private disprovedAfterMs(wave: Wave, slot: number): number {
    return Math.max(wave.failedAtMs.get(slot) ?? wave.beganAtMs, this.clock.nowMs() - WINDOW_MS);
  }
}

function waveFrom(nowMs: number): Wave {
  return { beganAtMs: nowMs, raisedAtMs: -Infinity, failedAtMs: new Map() };
}

function isTelling(slots: number, poolSize: number): boolean {
  return slots >= FEWEST_SLOTS && (slots > SHARE_OF_POOL * poolSize || slots >= ENOUGH_SLOTS);
}

function dropExpired(failedAtMs: Map<number, number>, untilMs: number): void {
  for (const [slot, atMs] of failedAtMs) {
    if (atMs > untilMs) return;
    failedAtMs.delete(slot);
  }
}

function dropOldest<K>(map: Map<K, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
