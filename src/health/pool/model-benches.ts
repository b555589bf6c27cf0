import { DeadlineHeap } from '../cooling/deadline-heap';

// Callers write the names of models: what is remembered of them must have an end.
const MOST_MODELS = 64;

/** Which keys rest for which model, and until when. */
export class ModelBenches {
  private readonly models = new Map<string, DeadlineHeap<number>>();

  /** How many keys rest for this model. */
  count(model: string): number {
    return this.models.get(model)?.size ?? 0;
  }

  /** Whether a rest for this model can be remembered. */
  hasRoomFor(model: string): boolean {
    return this.models.has(model) || this.models.size < MOST_MODELS;
  }

  /** When this key may serve this model again; null when it may now. */
  untilMs(slot: number, model: string): number | null {
    return this.models.get(model)?.deadlineOf(slot) ?? null;
  }

  /** When the first key comes back for this model; null when none rests. */
  soonestMs(model: string): number | null {
    return this.models.get(model)?.nextAtMs() ?? null;
  }

  /** When the first key comes back for any model; Infinity when none rests. */
  nextAtMs(): number {
    let next = Infinity;
    for (const heap of this.models.values()) next = Math.min(next, heap.nextAtMs() ?? Infinity);
    return next;
  }

  /** Sets or moves the end of a key's rest. */
  set(slot: number, model: string, untilMs: number): void {
    let heap = this.models.get(model);
    if (!heap) this.models.set(model, (heap = new DeadlineHeap()));
    heap.set(slot, untilMs);
  }

  delete(slot: number, model: string): void {
    this.models.get(model)?.delete(slot);
    this.dropEmpty(model);
  }

  /** The models that this key rests for. */
  modelsOf(slot: number): string[] {
    return [...this.models].filter(([, heap]) => heap.deadlineOf(slot) !== null).map(([model]) => model);
  }

  /** Ends one rest that is over and names it; null when there is none. */
  takeDue(nowMs: number): { readonly slot: number; readonly model: string } | null {
    for (const [model, heap] of this.models) {
      const slot = heap.takeDue(nowMs);
      if (slot === undefined) continue;
      this.dropEmpty(model);
      return { slot, model };
    }
    return null;
  }

  private dropEmpty(model: string): void {
    if (this.models.get(model)?.size === 0) this.models.delete(model);
  }
}
