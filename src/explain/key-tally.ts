import type { PoolHealth } from '../health/pool/pool-health';
import type { KeyState } from '../keys/key-state';
import type { KeyPool } from '../selector/key-pool';

/** How many of a channel's keys are what, each counted once. */
export interface KeyTally {
  readonly total: number;
  /** For the model that was asked for. */
  readonly usable: number;
  readonly cooling: number;
  readonly suspect: number;
  readonly exhausted: number;
  readonly dead: number;
  readonly disabled: number;
  readonly benched_for_model: number;
}

/** As they are in memory, for a model as its upstream knows it. */
export function tallyPool(pool: KeyPool, model: string): KeyTally {
  const { health } = pool;
  const usable = pool.ringFor(model).size;
  const cooling = coolingFor(model, health);
  return {
    total: health.size,
    usable,
    cooling,
    suspect: health.count('suspect'),
    exhausted: health.count('exhausted'),
    dead: health.count('dead') + health.count('unreadable'),
    disabled: health.count('manual'),
    benched_for_model: health.count('active') + health.count('cooling') - cooling - usable,
  };
}

/** How many keys are rate limited for this model or for all. */
function coolingFor(model: string, health: PoolHealth): number {
  const forAll = health.count('active') + health.count('cooling') - health.usableCount();
  if (forAll === health.count('cooling')) return forAll;
  let forModel = 0;
  for (let slot = 0; slot < health.span; slot++) {
    if (health.stateAt(slot) === 'cooling' && health.restAt(slot)?.model === model) forModel++;
  }
  return forAll + forModel;
}

/** As they are stored. */
export function tallyStored(counts: readonly { readonly state: KeyState; readonly count: number }[]): KeyTally {
  const count = (...states: readonly KeyState[]): number =>
    counts.filter(({ state }) => states.includes(state)).reduce((total, one) => total + one.count, 0);
  return {
    total: counts.reduce((total, one) => total + one.count, 0),
    usable: count('active'),
    cooling: count('cooling'),
    suspect: count('suspect'),
    exhausted: count('exhausted'),
    dead: count('dead', 'unreadable'),
    disabled: count('manual'),
    benched_for_model: 0,
  };
}
