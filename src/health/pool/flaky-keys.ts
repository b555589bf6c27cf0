import { DeadlineHeap } from '../cooling/deadline-heap';
import type { MeasuredHealth } from '../score/score-windows';

interface FlakyRest {
  /** How often the key has rested before for this. */
  level: number;
  untilMs: number;
}

/** One more failure of a key for which by its kind the channel would be to blame. */
export interface Fault {
  readonly slot: number;
  readonly startedAtMs: number;
  readonly nowMs: number;
  /** Failures of this kind since the key's last success, this one included. */
  readonly inARow: number;
  readonly measured: MeasuredHealth;
  /** How many keys of the pool could serve if none rested. */
  readonly enabledKeys: number;
}

const FEWEST_IN_A_ROW = 2;
const SHARE_OF_FAILURES = 0.3;
const LONGEST_REST_MS = 300_000;
// One that has served for so long since its last rest begins anew.
const REMEMBERED_MS = 2 * LONGEST_REST_MS;
// If more of them fail, it is the channel after all.
const SHARE_OF_POOL = 0.2;

/** Finds the few keys of a pool that fail again and again with what is nobody's but the upstream's fault, while the others serve. */
export class FlakyKeys {
  private readonly bySlot = new Map<number, FlakyRest>();
  private readonly resting = new DeadlineHeap<number>();
  private readonly remembered = new DeadlineHeap<number>();

  /** How long the key is to rest, in milliseconds: `firstMs`, doubled each time, at most 5 min; null when it is not flaky. */
  failed(fault: Fault, firstMs: number): number | null {
    const { slot, startedAtMs, nowMs, enabledKeys } = fault;
    this.forgetBy(nowMs);
    const before = this.bySlot.get(slot);
    if (before && startedAtMs < before.untilMs) return null;
    if (!(before || isFlaky(fault)) || this.resting.size + 1 > SHARE_OF_POOL * enabledKeys) return null;
    const level = before ? before.level + 1 : 0;
    const ms = Math.min(firstMs * 2 ** level, LONGEST_REST_MS);
    this.bySlot.set(slot, { level, untilMs: nowMs + ms });
    this.resting.set(slot, nowMs + ms);
    this.remembered.set(slot, nowMs + ms + REMEMBERED_MS);
    return ms;
  }

  private forgetBy(nowMs: number): void {
    while (this.resting.takeDue(nowMs) !== undefined);
    for (let slot = this.remembered.takeDue(nowMs); slot !== undefined; slot = this.remembered.takeDue(nowMs)) {
      this.bySlot.delete(slot);
    }
  }
}

function isFlaky({ inARow, measured: { successes, failures } }: Fault): boolean {
  return inARow >= FEWEST_IN_A_ROW || (failures >= 2 && failures > SHARE_OF_FAILURES * (successes + failures));
}
