import * as fc from 'fast-check';
import { SELECTION_MODES } from '../channels/selection-mode';
import { KeyRing } from './key-ring';
import { RandomSource } from './random-source';
import { RandomStrategy } from './random.strategy';

const BATCHES = 21;
const PICKS_PER_BATCH = 50_000;
const DRAWS = 100_000;
const CELLS = 100;
const SPACING = 37;
/** Chi-square with 99 degrees of freedom exceeds this with probability 0.001. */
const CRITICAL_VALUE = 148.23;
/** The same with a probability below 1e-9: for a source without a seed, which would else fail once in a thousand runs. */
const HOPELESS_VALUE = 220;

/** mulberry32: the same sequence in every run. */
class SeededSource extends RandomSource {
  constructor(private seed: number) {
    super();
  }

  override next(): number {
    this.seed = (this.seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.seed ^ (this.seed >>> 15), this.seed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** Says what it is told to, over and over. */
class ScriptedSource extends RandomSource {
  private turn = 0;

  constructor(private readonly numbers: readonly number[]) {
    super();
  }

  override next(): number {
    return this.numbers[this.turn++ % this.numbers.length] ?? 0;
  }
}

function ringOf(...slots: number[]): KeyRing {
  const ring = new KeyRing();
  slots.forEach((slot) => ring.add(slot));
  return ring;
}

function spacedRing(size: number): KeyRing {
  return ringOf(...Array.from({ length: size }, (_, index) => index * SPACING));
}

function chiSquareOf(random: RandomStrategy, ring: KeyRing, excluded: readonly number[]): number {
  const counts = new Map<number, number>();
  for (let draw = 0; draw < DRAWS; draw++) {
    const slot = random.pick(ring, excluded);
    counts.set(slot, (counts.get(slot) ?? 0) + 1);
  }
  expect(counts.size).toBe(CELLS);
  const expected = DRAWS / CELLS;
  return [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** The median over many batches, because garbage collected between two readings would hide what was allocated. */
function medianHeapGrowthBytes(pickOnce: () => void): number {
  const growth = Array.from({ length: BATCHES }, () => {
    const before = process.memoryUsage().heapUsed;
    for (let pick = 0; pick < PICKS_PER_BATCH; pick++) {
      pickOnce();
    }
    return process.memoryUsage().heapUsed - before;
  });
  return growth.sort((a, b) => a - b)[(BATCHES - 1) / 2] ?? Infinity;
}

describe(RandomStrategy.name, () => {
  it('serves the random mode', () => {
    expect(new RandomStrategy(new RandomSource()).mode).toBe(SELECTION_MODES.random);
  });

  it('takes the key whose rank was drawn', () => {
    const random = new RandomStrategy(new ScriptedSource([0, 0.34, 0.67, 0.999_999]));
    const ring = ringOf(4, 40, 4_000);

    expect([1, 2, 3, 4].map(() => random.pick(ring, []))).toEqual([4, 40, 4_000, 4_000]);
  });

  it('leaves the polling cursor alone', () => {
    const ring = ringOf(0, 1, 2);
    ring.cursor = 1;
    new RandomStrategy(new RandomSource()).pick(ring, [2]);

    expect(ring.cursor).toBe(1);
  });

  it('always finds the one key that is left', () => {
    const random = new RandomStrategy(new RandomSource());
    const ring = ringOf(0, 1, 2, 3);

    expect(Array.from({ length: 50 }, () => random.pick(ring, [3, 0, 1]))).toEqual(Array<number>(50).fill(2));
  });

  it.each([
    { members: [], excluded: [] },
    { members: [], excluded: [0] },
    { members: [4], excluded: [4] },
    { members: [4], excluded: [4, 4, 4] },
    { members: [4, 900], excluded: [900, 7, 4] },
    { members: [0, 1, 2], excluded: [2, 1, 0] },
  ])('answers -1 for members $members when $excluded are excluded', ({ members, excluded }) => {
    expect(new RandomStrategy(new RandomSource()).pick(ringOf(...members), excluded)).toBe(-1);
  });

  it('is uniform over all keys', () => {
    expect(chiSquareOf(new RandomStrategy(new SeededSource(1)), spacedRing(CELLS), [])).toBeLessThan(CRITICAL_VALUE);
  });

  it.each([
    { where: 'the first', size: CELLS + 3, excluded: [0, SPACING, 2 * SPACING] },
    { where: 'the last', size: CELLS + 3, excluded: [102 * SPACING, 100 * SPACING, 101 * SPACING] },
    { where: 'one key and two that are none', size: CELLS + 1, excluded: [51 * SPACING, 5, 1] },
    { where: 'neighbours, one listed twice', size: CELLS + 2, excluded: [51 * SPACING, 50 * SPACING, 51 * SPACING] },
  ])('is uniform over what is left when $where are excluded', ({ size, excluded }) => {
    const random = new RandomStrategy(new SeededSource(2));

    expect(chiSquareOf(random, spacedRing(size), excluded)).toBeLessThan(CRITICAL_VALUE);
  });

  it('is uniform with the source it ships with', () => {
    expect(chiSquareOf(new RandomStrategy(new RandomSource()), spacedRing(CELLS), [])).toBeLessThan(HOPELESS_VALUE);
  });

  it('draws from what is left exactly as from a sorted list', () => {
    const slot = fc.oneof(fc.nat(8), fc.nat(3_000), fc.constantFrom(31, 32, 33, 1_023, 1_024, 1_025, 32_767, 32_768));
    const slots = fc.uniqueArray(slot, { maxLength: 200, size: 'max' });
    const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(slots, fc.array(slot, { maxLength: 3 }), unit, unit, (members, strangers, first, second) => {
        const excluded = [...strangers, ...members.slice(0, 3 - strangers.length)];
        const all = [...members].sort((a, b) => a - b);
        const left = all.filter((member) => !excluded.includes(member));
        const drawn = all[Math.floor(first * all.length)] ?? -1;
        const redrawn = left[Math.floor(second * left.length)] ?? -1;
        const random = new RandomStrategy(new ScriptedSource([first, second]));

        expect(random.pick(ringOf(...members), excluded)).toBe(excluded.includes(drawn) ? redrawn : drawn);
      }),
      { numRuns: 1_000 },
    );
  });

  it('allocates nothing over a million picks from a million keys', () => {
    const random = new RandomStrategy(new RandomSource());
    const ring = new KeyRing();
    for (let slot = 0; slot < 1_000_000; slot++) {
      ring.add(slot);
    }
    const excluded = [10, 20, 30];
    const pickOnce = (): number => random.pick(ring, excluded);
    medianHeapGrowthBytes(pickOnce);

    expect(medianHeapGrowthBytes(pickOnce)).toBeLessThan(PICKS_PER_BATCH);
  });
});
