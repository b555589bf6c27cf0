import { DeadlineHeap } from '../cooling/deadline-heap';
import { ClosedModels } from './closed-models';
import { ModelBenches } from './model-benches';
import type { PoolListener } from './pool-listener';
import type { Rest } from './rest';

/** Which keys of a pool rest, for which models and until when. */
export class KeyRests {
  readonly closedModels = new ClosedModels();
  private readonly whole = new DeadlineHeap<number>();
  private readonly benches = new ModelBenches();
  /** The one model that a cooling key rests for, where it serves the others. */
  private readonly coolingModels = new Map<number, string>();

  constructor(private readonly listener: Pick<PoolListener, 'onBenched'>) {}

  /** Whether the key rests for one model and serves the others. */
  isPartial(slot: number): boolean {
    return this.coolingModels.has(slot);
  }

  /** The cooldown of a key; null when it has none. */
  at(slot: number): Rest | null {
    const model = this.coolingModels.get(slot) ?? null;
    const untilMs = model === null ? this.whole.deadlineOf(slot) : this.benches.untilMs(slot, model);
    return untilMs === null ? null : { model, untilMs };
  }

  /** How many keys rest, for this model or for all. */
  count(model?: string): number {
    return this.whole.size + (model === undefined ? 0 : this.benches.count(model));
  }

  /** When the first key comes back for this model; null when none rests. */
  soonestMs(model: string): number | null {
    const closed = this.closedModels.untilMs(model);
    if (closed !== null) return closed;
    const [whole, benched] = [this.whole.nextAtMs(), this.benches.soonestMs(model)];
    return whole === null || benched === null ? (whole ?? benched) : Math.min(whole, benched);
  }

  /** When `takeDue` or `closedModels.openDue` has something to do; null when nobody rests. */
  nextAtMs(): number | null {
    const next = Math.min(this.closedModels.nextAtMs(), this.whole.nextAtMs() ?? Infinity, this.benches.nextAtMs());
    return next === Infinity ? null : next;
  }

  hasRoomFor(model: string): boolean {
    return this.benches.hasRoomFor(model);
  }

  /** Begins or changes a key's cooldown. */
  set(slot: number, { model, untilMs }: Rest): void {
    this.end(slot);
    if (model === null) {
      this.endBenches(slot);
      this.whole.set(slot, untilMs);
    } else {
      this.coolingModels.set(slot, model);
      this.bench(slot, model, untilMs);
    }
  }

  /** Ends a key's cooldown, whole or for its one model. */
  end(slot: number): void {
    this.whole.delete(slot);
    const model = this.coolingModels.get(slot);
    if (this.coolingModels.delete(slot) && model !== undefined) this.unbench(slot, model);
  }

  /** Keeps a key from one model; never for a shorter time than before. */
  bench(slot: number, model: string, untilMs: number): void {
    this.benches.set(slot, model, Math.max(untilMs, this.benches.untilMs(slot, model) ?? 0));
    this.listener.onBenched(slot, model, true);
  }

  /** A bench that is part of a cooldown goes with that alone. */
  unbench(slot: number, model: string): void {
    if (this.coolingModels.get(slot) === model) return;
    this.benches.delete(slot, model);
    this.listener.onBenched(slot, model, false);
  }

  endBenches(slot: number): void {
    for (const model of this.benches.modelsOf(slot)) this.unbench(slot, model);
  }

  /** Ends one rest that is over; the key whose cooldown that was, -1 when it was none, null when nothing is due. */
  takeDue(nowMs: number): number | null {
    const whole = this.whole.takeDue(nowMs);
    if (whole !== undefined) return whole;
    const benched = this.benches.takeDue(nowMs);
    if (!benched) return null;
    const { slot, model } = benched;
    this.listener.onBenched(slot, model, false);
    if (this.coolingModels.get(slot) !== model) return -1;
    this.coolingModels.delete(slot);
    return slot;
  }
}
