import type { HealthRegistry } from '../health/health-registry';
import type { PoolHealth } from '../health/pool/pool-health';
import type { PoolListener } from '../health/pool/pool-listener';
import type { KeySnapshot } from '../keys/key-snapshots';
import { KeyRing } from './key-ring';
import { SlotIndex } from './slot-index';

const EMPTY_RING = new KeyRing();

/** One channel's keys in memory: which may be picked now, and what each is. Slots are the keys' indices. */
export class KeyPool implements PoolListener {
  readonly ring = new KeyRing();
  readonly health: PoolHealth;
  /** The one destination that these keys may be sent to. */
  origin = '';
  private readonly slots: SlotIndex;
  private readonly ciphertexts: (string | null)[] = [];
  /** What is left of the ring for each model that some of its keys may not serve for a while. */
  private readonly modelRings = new Map<string, ModelRing>();

  constructor(registry: Pick<HealthRegistry, 'openPool'>, channelId: number) {
    this.health = registry.openPool(channelId, this);
    this.slots = new SlotIndex(this.health);
  }

  /** Brings a key to its newest state. */
  apply(key: KeySnapshot): void {
    const isOurs = key.ciphertext !== null || this.health.keyIdAt(key.index) === key.keyId;
    if (isOurs) this.ciphertexts[key.index] = key.ciphertext;
    this.health.sync(key);
    if (key.ciphertext !== null) this.slots.seated(key.index);
  }

  ciphertextAt(slot: number): string {
    return this.ciphertexts[slot] ?? '';
  }

  /** Where this key is if it may be picked now, for this model or for any; -1 when it may not. */
  usableSlotOf(keyId: number, model: string | null): number {
    const slot = this.slots.find(keyId);
    const ring = model === null ? this.ring : this.ringFor(model);
    return ring.has(slot) ? slot : -1;
  }

  /** The keys that may be picked for this model; polling goes on where it stood, whatever the model before. */
  ringFor(model: string): KeyRing {
    if (this.health.isModelClosed(model)) return EMPTY_RING;
    const benched = this.modelRings.size === 0 ? undefined : this.modelRings.get(model);
    if (!benched) return this.ring;
    benched.ring.cursor = this.ring.cursor;
    return benched.ring;
  }

  /** The next `count` slots that polling takes for this model, lap after lap; none is taken by this. */
  preview(model: string, count: number): number[] {
    const ring = this.ringFor(model);
    const slots: number[] = [];
    for (let from = ring.cursor; slots.length < count && ring.size > 0;) {
      const slot = ring.next(from);
      slots.push(slot);
      from = slot + 1;
    }
    return slots;
  }

  onSwitched(slot: number, isUsable: boolean): void {
    switchIn(this.ring, slot, isUsable);
    for (const { ring, benched } of this.modelRings.values()) switchIn(ring, slot, isUsable && !benched.has(slot));
  }

  onBenched(slot: number, model: string, isBenched: boolean): void {
    if (isBenched) this.bench(slot, model);
    else this.unbench(slot, model);
  }

  private bench(slot: number, model: string): void {
    let known = this.modelRings.get(model);
    if (!known) this.modelRings.set(model, (known = { ring: this.ring.clone(), benched: new Set() }));
    known.benched.add(slot);
    known.ring.delete(slot);
  }

  private unbench(slot: number, model: string): void {
    const known = this.modelRings.get(model);
    if (!known?.benched.delete(slot)) return;
    if (known.benched.size === 0) this.modelRings.delete(model);
    else switchIn(known.ring, slot, this.ring.has(slot));
  }
}

interface ModelRing {
  readonly ring: KeyRing;
  readonly benched: Set<number>;
}

function switchIn(ring: KeyRing, slot: number, isMember: boolean): void {
  if (isMember) ring.add(slot);
  else ring.delete(slot);
}
