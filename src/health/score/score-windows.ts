import type { Clock } from '../../common/clock';

const BUCKET_MS = 600_000;
const BUCKETS = 6;
const MOST_COUNTED = 65_535;
const SMALLEST_CAPACITY = 16;

/** What a key did in the last hour. */
export interface MeasuredHealth {
  readonly successes: number;
  readonly failures: number;
  /** Of the successes; null when there are none. */
  readonly meanLatencyMs: number | null;
}

/** Ten minutes of all slots. */
class Bucket {
  successes = new Uint16Array(0);
  failures = new Uint16Array(0);
  latencySumsMs = new Float32Array(0);

  growToHold(slot: number): void {
    if (slot < this.successes.length) return;
    let capacity = Math.max(this.successes.length, SMALLEST_CAPACITY);
    while (capacity <= slot) capacity *= 2;
    this.successes = copyInto(new Uint16Array(capacity), this.successes);
    this.failures = copyInto(new Uint16Array(capacity), this.failures);
    this.latencySumsMs = copyInto(new Float32Array(capacity), this.latencySumsMs);
  }

  clear(): void {
    this.successes.fill(0);
    this.failures.fill(0);
    this.latencySumsMs.fill(0);
  }
}

/**
 * Measures each slot's successes, failures and latency over the last hour (the newest of the six buckets is filling, so
 * 50 to 60 minutes), in 48 bytes per slot of capacity. Counting takes constant time, and nothing but growth allocates.
 * A bucket counts up to 65,535 of a kind and no further.
 */
export class ScoreWindows {
  private newest = new Bucket();
  /** From the oldest on. */
  private readonly older: Bucket[] = [];
  private newestNumber: number;

  constructor(private readonly clock: Clock) {
    this.newestNumber = this.numberNow();
  }

  succeeded(slot: number, latencyMs: number): void {
    const { successes, latencySumsMs } = this.bucketFor(slot);
    const before = successes[slot] ?? 0;
    // A latency that is not counted must not be summed up either.
    if (before === MOST_COUNTED) return;
    successes[slot] = before + 1;
    latencySumsMs[slot] = (latencySumsMs[slot] ?? 0) + latencyMs;
  }

  failed(slot: number): void {
    const { failures } = this.bucketFor(slot);
    failures[slot] = Math.min((failures[slot] ?? 0) + 1, MOST_COUNTED);
  }

  /** Whether it failed at all, as of the last count; allocates nothing. */
  hasFailed(slot: number): boolean {
    if ((this.newest.failures[slot] ?? 0) > 0) return true;
    for (const bucket of this.older) if ((bucket.failures[slot] ?? 0) > 0) return true;
    return false;
  }

  read(slot: number): MeasuredHealth {
    this.turnToNow();
    let [successes, failures, latencySumMs] = [0, 0, 0];
    for (const bucket of [...this.older, this.newest]) {
      successes += bucket.successes[slot] ?? 0;
      failures += bucket.failures[slot] ?? 0;
      latencySumMs += bucket.latencySumsMs[slot] ?? 0;
    }
    return { successes, failures, meanLatencyMs: successes === 0 ? null : latencySumMs / successes };
  }

  private bucketFor(slot: number): Bucket {
    this.turnToNow();
    this.newest.growToHold(slot);
    return this.newest;
  }

  private turnToNow(): void {
    const number = this.numberNow();
    for (let passed = Math.min(number - this.newestNumber, BUCKETS); passed > 0; passed--) this.turn();
    this.newestNumber = number;
  }

  private turn(): void {
    this.older.push(this.newest);
    const oldest = this.older.length < BUCKETS ? undefined : this.older.shift();
    oldest?.clear();
    this.newest = oldest ?? new Bucket();
  }

  private numberNow(): number {
    return Math.floor(this.clock.nowMs() / BUCKET_MS);
  }
}

function copyInto<A extends Uint16Array | Float32Array>(larger: A, smaller: A): A {
  larger.set(smaller);
  return larger;
}
