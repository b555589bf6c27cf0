import type { PoolHealth } from './pool-health';

// Where few keys are wanted of many, a look at every one would cost more than what it is for.
const MOST_LOOKED_AT = 2_000;

/** Up to `most` slots that fit, each from a random place on: keys that were imported side by side are often alike. */
export function sampleKeys(pool: PoolHealth, most: number, fits: (slot: number) => boolean): number[] {
  const found: number[] = [];
  while (found.length < most) {
    const slot = findKey(pool, (candidate) => !found.includes(candidate) && fits(candidate));
    if (slot === null) break;
    found.push(slot);
  }
  return found;
}

function findKey(pool: PoolHealth, fits: (slot: number) => boolean): number | null {
  const { span } = pool;
  const start = Math.floor(Math.random() * span);
  for (let step = 0; step < Math.min(span, MOST_LOOKED_AT); step++) {
    const slot = (start + step) % span;
    if (pool.stateAt(slot) !== null && fits(slot)) return slot;
  }
  return null;
}
