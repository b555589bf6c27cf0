import { KeyRing } from '../../src/selector/key-ring';
import { PollingStrategy } from '../../src/selector/polling.strategy';
import { RandomSource } from '../../src/selector/random-source';
import { RandomStrategy } from '../../src/selector/random.strategy';

const KEYS = 1_000_000;
const STEPS = 1_000_000;
const ROUNDS = 9;
const NOTHING_EXCLUDED: readonly number[] = [];
// A prime step visits the whole ring in a scattered order.
const STRIDE = 611_953;

/** Nanoseconds a step, of the quickest round: whatever else the machine does can only add to it. */
export interface PickCost {
  readonly polling: number;
  readonly random: number;
  /** One key taken out, or put back in. */
  readonly switching: number;
}

/** Times the selector on a ring of a million keys. */
export function measurePickCost(): PickCost {
  const ring = new KeyRing();
  for (let slot = 0; slot < KEYS; slot++) ring.add(slot);
  const polling = new PollingStrategy();
  const random = new RandomStrategy(new RandomSource());
  const rounds: PickCost[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({
      polling: nanosecondsPerStep(() => polling.pick(ring, NOTHING_EXCLUDED)),
      random: nanosecondsPerStep(() => random.pick(ring, NOTHING_EXCLUDED)),
      switching: switchingCost(ring),
    });
  }
  return {
    polling: Math.min(...rounds.map((cost) => cost.polling)),
    random: Math.min(...rounds.map((cost) => cost.random)),
    switching: Math.min(...rounds.map((cost) => cost.switching)),
  };
}

function switchingCost(ring: KeyRing): number {
  let slot = 0;
  const out = nanosecondsPerStep(() => {
    slot = (slot + STRIDE) % KEYS;
    return Number(ring.delete(slot));
  });
  const back = nanosecondsPerStep(() => {
    slot = (slot + STRIDE) % KEYS;
    return Number(ring.add(slot));
  });
  return (out + back) / 2;
}

function nanosecondsPerStep(step: () => number): number {
  let sum = 0;
  const startedAt = process.hrtime.bigint();
  for (let i = 0; i < STEPS; i++) sum += step();
  const passed = Number(process.hrtime.bigint() - startedAt);
  // The sum keeps the steps from being optimised away, and tells if they did nothing.
  if (sum <= 0) throw new Error('The selector picked nothing');
  return passed / STEPS;
}
