import type { Clock } from '../../common/clock';
import { DeadlineHeap } from './deadline-heap';

/** A machine that slept or a timer that drifts is found out after this time at the latest. */
const LONGEST_SLEEP_MS = 3_600_000;
/** Requests pass between two turns, however many deadlines fall together. */
const MOST_PER_TURN = 1_000;

/**
 * Calls `onDue` once for each item when its deadline on `Clock.nowMs()` has come, with one timer for all of them, which
 * never keeps the process alive. An `onDue` that throws is reported to `onError` and holds up no other item.
 */
export class DeadlineTimer<T> {
  private readonly heap = new DeadlineHeap<T>();
  private sleep: NodeJS.Timeout | undefined;
  private turn: NodeJS.Immediate | undefined;
  private wakesAtMs = Infinity;
  /** Those whose deadline had come when this turn began; what comes due meanwhile waits for the next. */
  private readonly due = new Set<T>();
  private isStopped = false;

  constructor(
    private readonly clock: Clock,
    private readonly onDue: (item: T) => void,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Adds an item, or moves its deadline; one in the past is due at once, though not within this call. */
  schedule(item: T, atMs: number): void {
    this.due.delete(item);
    this.heap.set(item, atMs);
    this.sleepUntilNext();
  }

  /** Forgets an item; false when it was not waiting. */
  cancel(item: T): boolean {
    return this.due.delete(item) || this.heap.delete(item);
  }

  /** After this, nothing is called any more. */
  stop(): void {
    this.isStopped = true;
    clearTimeout(this.sleep);
    clearImmediate(this.turn);
  }

  private sleepUntilNext(): void {
    const nextAtMs = this.heap.nextAtMs();
    if (this.isStopped || nextAtMs === null || nextAtMs >= this.wakesAtMs) return;
    clearTimeout(this.sleep);
    const nowMs = this.clock.nowMs();
    const sleepMs = Math.min(Math.max(Math.ceil(nextAtMs - nowMs), 1), LONGEST_SLEEP_MS);
    this.wakesAtMs = nowMs + sleepMs;
    this.sleep = setTimeout(() => {
      this.takeTurn();
    }, sleepMs);
    this.sleep.unref();
  }

  private takeTurn(): void {
    // Until the turn is over nothing needs to be woken.
    this.wakesAtMs = -Infinity;
    const nowMs = this.clock.nowMs();
    this.collectDue(nowMs);
    for (const item of this.due) {
      if (this.isStopped) return;
      this.due.delete(item);
      this.tell(item);
    }
    if ((this.heap.nextAtMs() ?? Infinity) <= nowMs) this.continueSoon();
    else {
      this.wakesAtMs = Infinity;
      this.sleepUntilNext();
    }
  }

  private collectDue(nowMs: number): void {
    while (this.due.size < MOST_PER_TURN) {
      const item = this.heap.takeDue(nowMs);
      if (item === undefined) return;
      this.due.add(item);
    }
  }

  private continueSoon(): void {
    if (this.isStopped) return;
    this.turn = setImmediate(() => {
      this.takeTurn();
    });
    this.turn.unref();
  }

  private tell(item: T): void {
    try {
      this.onDue(item);
    } catch (error) {
      this.onError(error);
    }
  }
}
