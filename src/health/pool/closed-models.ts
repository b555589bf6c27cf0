import { DeadlineHeap } from '../cooling/deadline-heap';

// Callers write the names of models.
const MOST_MODELS = 64;

/** The models that no key of a pool may serve for a while, because the limit that was met is shared by all of them. */
export class ClosedModels {
  private readonly models = new DeadlineHeap<string>();

  /** A model that is closed already is never opened sooner for this. */
  close(model: string, untilMs: number): void {
    const known = this.models.deadlineOf(model);
    if (known !== null || this.models.size < MOST_MODELS) this.models.set(model, Math.max(untilMs, known ?? 0));
  }

  has(model: string): boolean {
    return this.models.size > 0 && this.models.deadlineOf(model) !== null;
  }

  /** Null when it is open. */
  untilMs(model: string): number | null {
    return this.models.deadlineOf(model);
  }

  /** When the next model opens; Infinity when none is closed. */
  nextAtMs(): number {
    return this.models.nextAtMs() ?? Infinity;
  }

  openDue(nowMs: number): void {
    while (this.models.takeDue(nowMs) !== undefined);
  }
}
