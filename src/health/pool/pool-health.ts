import type { Clock } from '../../common/clock';
import type { KeySnapshot } from '../../keys/key-snapshots';
import type { KeyState } from '../../keys/key-state';
import { DeadlineHeap } from '../cooling/deadline-heap';
import { ScoreWindows } from '../score/score-windows';
import type { SeenKey } from '../seen-key';
import { KeyRests } from './key-rests';
import { FlakyKeys } from './flaky-keys';
import { KeyTable } from './key-table';
import type { PoolListener } from './pool-listener';
import { type Rest, widest } from './rest';
import { StrikeCounts } from './strikes';

// Requests pass between two turns, however many keys come back at one moment.
const MOST_PER_TURN = 1_000;

/**
 * What is known in memory of one channel's keys: their states, who rests until when, who is to be probed. Follows the
 * database through `sync` and is ahead of it by what traffic has just shown. Slots are the keys' indices.
 */
export class PoolHealth {
  readonly scores: ScoreWindows;
  readonly flaky = new FlakyKeys();
  /** The key that served last among those that never failed in the last hour; -1 for none. */
  provenSlot = -1;
  readonly strikes = new StrikeCounts();
  private readonly table = new KeyTable();
  private readonly rests: KeyRests;
  private readonly probes = new DeadlineHeap<number>();
  private readonly recovering = new Set<number>();

  /** `onDeadline` is told whenever `nextAtMs` may have changed. */
  constructor(
    private readonly listener: PoolListener,
    private readonly clock: Clock,
    private readonly onDeadline: (pool: PoolHealth) => void,
  ) {
    this.scores = new ScoreWindows(clock);
    this.rests = new KeyRests(listener);
  }

  get size(): number {
    return this.table.size;
  }

  /** One more than the highest slot that has had a key. */
  get span(): number {
    return this.table.span;
  }

  count(state: KeyState): number {
    return this.table.count(state);
  }

  stateAt(slot: number): KeyState | null {
    return this.table.stateAt(slot);
  }

  keyIdAt(slot: number): number {
    return this.table.keyIdAt(slot);
  }

  /** The key's state in the database, as far as is known. */
  storedStateAt(slot: number): KeyState | null {
    return this.table.storedStateAt(slot);
  }

  /** The key as whoever uses it now sees it. */
  seenAt(slot: number): Omit<SeenKey, 'channelId'> {
    return { keyId: this.table.keyIdAt(slot), index: slot, revision: this.table.revisionAt(slot) };
  }

  /** The cooldown of a key; null when it has none. */
  restAt(slot: number): Rest | null {
    return this.rests.at(slot);
  }

  /** Whether the key is still as it was seen. */
  isCurrent({ index, revision }: SeenKey): boolean {
    return this.table.revisionAt(index) === revision && this.table.stateAt(index) !== null;
  }

  isUsable(slot: number): boolean {
    const state = this.table.stateAt(slot);
    return state === 'active' || (state === 'cooling' && this.rests.isPartial(slot));
  }

  /** How many keys may be picked now, for this model or for any. */
  usableCount(model?: string): number {
    if (model !== undefined && this.isModelClosed(model)) return 0;
    return this.count('active') + this.count('cooling') - this.rests.count(model);
  }

  /** How many enabled keys rest for this model. */
  restingCount(model: string): number {
    return this.isModelClosed(model) ? this.count('active') + this.count('cooling') : this.rests.count(model);
  }

  /** When the first resting key comes back for this model; null when none rests. */
  soonestMs(model: string): number | null {
    return this.rests.soonestMs(model);
  }

  isModelClosed(model: string): boolean {
    return this.rests.closedModels.has(model);
  }

  /** An attempt with this key that started at `startedAtMs` succeeded. */
  succeeded(slot: number, startedAtMs: number): void {
    this.scores.succeeded(slot, this.clock.nowMs() - startedAtMs);
    this.strikes.succeeded(slot, startedAtMs);
    if (!this.scores.hasFailed(slot)) this.provenSlot = slot;
  }

  failed(slot: number): void {
    this.scores.failed(slot);
    if (this.provenSlot === slot) this.provenSlot = -1;
  }

  /** Brings a key to its newest stored state. */
  sync(key: KeySnapshot): void {
    const { index: slot, keyId, revision } = key;
    if (key.ciphertext === null) {
      // A deleted key leaves nothing behind, unless its place was given to another one.
      if (this.table.keyIdAt(slot) === keyId) this.enter(slot, null);
      return;
    }
    this.table.seat(slot, keyId, revision);
    this.table.store(slot, key.state);
    const nowMs = this.clock.nowMs();
    const lastsMs = key.lastsMs ?? 0;
    if (key.state === 'active' || key.state === 'manual') this.absolve(slot);
    if (key.state !== 'cooling') this.enter(slot, key.state);
    else if (lastsMs > 0) this.rest(slot, this.withinRoom({ model: key.model, untilMs: nowMs + lastsMs }));
    else this.enter(slot, 'active');
    if (key.probeInMs !== null) this.probeAt(slot, nowMs + key.probeInMs);
  }

  /**
   * Lets a serving key rest. A rest never ends sooner for a newer one, and a second model makes it one for all models.
   * The rest as it is now, or null when the key does not serve.
   */
  cool(slot: number, wanted: Rest): Rest | null {
    const state = this.table.stateAt(slot);
    if (state !== 'active' && state !== 'cooling') return null;
    const current = this.rests.at(slot);
    const { model, untilMs } = current ? widest(current, wanted) : wanted;
    const rest = this.withinRoom({ model, untilMs });
    this.rest(slot, rest);
    return rest;
  }

  /** Keeps a key from one model without another effect; false when that cannot be remembered. */
  bench(slot: number, model: string, untilMs: number): boolean {
    const state = this.table.stateAt(slot);
    if ((state !== 'active' && !this.rests.isPartial(slot)) || !this.rests.hasRoomFor(model)) return false;
    this.rests.bench(slot, model, untilMs);
    this.onDeadline(this);
    return true;
  }

  unbench(slot: number, model: string): void {
    this.rests.unbench(slot, model);
  }

  /** No key serves this model until then: the limit that was met is shared by all of them. */
  closeModel(model: string, untilMs: number): void {
    this.rests.closedModels.close(model, untilMs);
    this.onDeadline(this);
  }

  /** Brings a key to a state that is not `cooling`; it is probed only if that is asked for after this. */
  enter(slot: number, state: KeyState | null): void {
    this.rests.end(slot);
    if (state !== 'active') this.rests.endBenches(slot);
    this.probes.delete(slot);
    this.switchTo(slot, state);
  }

  probeAt(slot: number, atMs: number): void {
    this.probes.set(slot, atMs);
    this.onDeadline(this);
  }

  /** The next `sync` that makes this key active is a probe's doing, and not an admin's. */
  expectRecovery(slot: number): void {
    this.recovering.add(slot);
  }

  expectNoRecovery(slot: number): void {
    this.recovering.delete(slot);
  }

  /** The next key whose probe is due; undefined when none is. */
  takeDueProbe(): number | undefined {
    return this.probes.takeDue(this.clock.nowMs());
  }

  nextProbeAtMs(): number | null {
    return this.probes.nextAtMs();
  }

  /** When `endDueRests` is to be called; null when nobody rests. */
  nextAtMs(): number | null {
    return this.rests.nextAtMs();
  }

  /** Brings back those whose rest is over, a bounded number at a time. */
  endDueRests(): void {
    const nowMs = this.clock.nowMs();
    this.rests.closedModels.openDue(nowMs);
    for (let turn = 0; turn < MOST_PER_TURN; turn++) {
      const slot = this.rests.takeDue(nowMs);
      if (slot === null) break;
      if (slot !== -1) this.switchTo(slot, 'active');
    }
    this.onDeadline(this);
  }

  /** A rest for one model becomes one for all where no more models can be remembered. */
  private withinRoom({ model, untilMs }: Rest): Rest {
    return { model: model !== null && this.rests.hasRoomFor(model) ? model : null, untilMs };
  }

  private rest(slot: number, rest: Rest): void {
    this.rests.set(slot, rest);
    this.probes.delete(slot);
    this.switchTo(slot, 'cooling');
    this.onDeadline(this);
  }

  /** An admin's word ends all that was held against a key; a probe's leaves its strikes, for it may have missed them. */
  private absolve(slot: number): void {
    if (!this.recovering.delete(slot)) this.strikes.clear(slot);
    this.rests.endBenches(slot);
  }

  private switchTo(slot: number, state: KeyState | null): void {
    this.table.setState(slot, state);
    this.listener.onSwitched(slot, this.isUsable(slot));
  }
}
