import { PoolHealth } from '../../src/health/pool/pool-health';
import type { KeySnapshot } from '../../src/keys/key-snapshots';
import { ManualClock } from './manual-clock';

/** A key as the database has it: active, at index 0, unless told otherwise. */
export function aSnapshot(fields: Partial<KeySnapshot> = {}): KeySnapshot {
  const index = fields.index ?? 0;
  return {
    keyId: index + 1,
    index,
    revision: 1,
    state: 'active',
    code: null,
    model: null,
    lastsMs: null,
    probeInMs: null,
    failedProbes: 0,
    ciphertext: 'c',
    ...fields,
  };
}

/** A pool that remembers whom it offers, as the selector's ring does, and how often it spoke of deadlines. */
export class WatchedPool {
  readonly clock: ManualClock;
  readonly health: PoolHealth;
  /** The slots that may be picked, whatever the model. */
  readonly offered = new Set<number>();
  deadlineCalls = 0;
  private readonly benched = new Set<string>();

  constructor(keyCount = 0, clock = new ManualClock()) {
    this.clock = clock;
    const listener = {
      onSwitched: (slot: number, isUsable: boolean): void => {
        if (isUsable) this.offered.add(slot);
        else this.offered.delete(slot);
      },
      onBenched: (slot: number, model: string, isBenched: boolean): void => {
        if (isBenched) this.benched.add(`${model} ${slot}`);
        else this.benched.delete(`${model} ${slot}`);
      },
    };
    this.health = new PoolHealth(listener, clock, () => {
      this.deadlineCalls++;
    });
    for (let index = 0; index < keyCount; index++) this.health.sync(aSnapshot({ index }));
  }

  /** The slots that may be picked for this model. */
  offeredFor(model: string): number[] {
    if (this.health.isModelClosed(model)) return [];
    return [...this.offered].filter((slot) => !this.benched.has(`${model} ${slot}`)).sort((a, b) => a - b);
  }

  /** Time passes, and those come back whose rest is over. */
  pass(ms: number): void {
    this.clock.advance(ms);
    this.health.endDueRests();
  }

  inMs(ms: number): number {
    return this.clock.nowMs() + ms;
  }
}
