import * as fc from 'fast-check';
import { SELECTION_MODES } from '../channels/selection-mode';
import { KeyRing } from './key-ring';
import { PollingStrategy } from './polling.strategy';

const BATCHES = 21;
const PICKS_PER_BATCH = 50_000;

const polling = new PollingStrategy();

function ringOf(...slots: number[]): KeyRing {
  const ring = new KeyRing();
  slots.forEach((slot) => ring.add(slot));
  return ring;
}

function slotsBelow(size: number): number[] {
  return Array.from({ length: size }, (_, slot) => slot);
}

function pickTimes(ring: KeyRing, times: number, excluded: readonly number[] = []): number[] {
  return Array.from({ length: times }, () => polling.pick(ring, excluded));
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

describe(PollingStrategy.name, () => {
  it('serves the polling mode', () => {
    expect(polling.mode).toBe(SELECTION_MODES.polling);
  });

  it('takes the lowest key first and then every key in index order', () => {
    expect(pickTimes(ringOf(0, 1, 2), 3)).toEqual([0, 1, 2]);
    expect(pickTimes(ringOf(900, 7, 33), 3)).toEqual([7, 33, 900]);
  });

  it('starts over after the last key', () => {
    expect(pickTimes(ringOf(0, 1, 2), 7)).toEqual([0, 1, 2, 0, 1, 2, 0]);
  });

  it('serves a single key again and again', () => {
    expect(pickTimes(ringOf(5), 3)).toEqual([5, 5, 5]);
  });

  it('keeps a place of its own for every ring', () => {
    const first = ringOf(0, 1);
    const second = ringOf(0, 1);

    expect([polling.pick(first, []), polling.pick(second, []), polling.pick(first, [])]).toEqual([0, 0, 1]);
  });

  it('skips a key that is switched off without favouring its neighbour', () => {
    const ring = ringOf(0, 1, 2, 3);
    ring.delete(1);

    expect(pickTimes(ring, 6)).toEqual([0, 2, 3, 0, 2, 3]);
  });

  it('serves a key that comes back ahead of it in this lap and one behind it in the next', () => {
    const ring = ringOf(1, 2, 4);
    const before = pickTimes(ring, 2);
    ring.add(0);
    ring.add(3);

    expect([...before, ...pickTimes(ring, 4)]).toEqual([1, 2, 3, 4, 0, 1]);
  });

  it('goes on with a key appended after the last one was served', () => {
    const ring = ringOf(30, 31);
    const before = pickTimes(ring, 2);
    ring.add(32);

    expect([...before, ...pickTimes(ring, 2)]).toEqual([30, 31, 32, 30]);
  });

  it('passes over the keys this request has tried', () => {
    const ring = ringOf(0, 1, 2, 3);

    expect(pickTimes(ring, 3, [0, 2])).toEqual([1, 3, 1]);
  });

  it.each([
    { members: [], excluded: [] },
    { members: [], excluded: [0] },
    { members: [4], excluded: [4] },
    { members: [4, 900], excluded: [900, 7, 4] },
    { members: [0, 1, 2], excluded: [2, 1, 0] },
  ])('answers -1 for members $members when $excluded are excluded', ({ members, excluded }) => {
    const ring = ringOf(...members);
    ring.cursor = 1;

    expect(polling.pick(ring, excluded)).toBe(-1);
    expect(ring.cursor).toBe(1);
  });

  it('takes the first key at or after the cursor that is left, after any sequence of switches', () => {
    const slot = fc.oneof(fc.nat(6), fc.nat(40), fc.constantFrom(31, 32, 1_023, 1_024, 32_767, 32_768));
    const step = fc.record({ slot, on: fc.boolean(), excluded: fc.array(slot, { maxLength: 3 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const ring = new KeyRing();
        const model = new Set<number>();
        let cursor = 0;
        for (const { slot, on, excluded } of steps) {
          if (on) {
            ring.add(slot);
            model.add(slot);
          } else {
            ring.delete(slot);
            model.delete(slot);
          }
          const left = [...model].filter((member) => !excluded.includes(member)).sort((a, b) => a - b);
          const expected = left.find((member) => member >= cursor) ?? left[0] ?? -1;
          cursor = expected === -1 ? cursor : expected + 1;
          expect([polling.pick(ring, excluded), ring.cursor]).toEqual([expected, cursor]);
        }
      }),
    );
  });

  describe('while a third of the keys is switched in and out at random', () => {
    const sizes = fc.constantFrom(2, 5, 31, 32, 33, 100, 1_024, 1_025);
    const churns = fc.array(fc.nat(), { minLength: 100, maxLength: 3_500, size: 'max' });
    const isSteady = (slot: number): boolean => slot % 3 !== 1;

    function pickWhileSwitching(size: number, churn: readonly number[]): number[] {
      const ring = ringOf(...slotsBelow(size));
      return churn.map((number) => {
        const slot = number % size;
        if (!isSteady(slot) && !ring.delete(slot)) {
          ring.add(slot);
        }
        return polling.pick(ring, []);
      });
    }

    it('serves the steady keys in strict turn, so none is ever more than one pick ahead', () => {
      fc.assert(
        fc.property(sizes, churns, (size, churn) => {
          const steady = slotsBelow(size).filter(isSteady);
          const picks = pickWhileSwitching(size, churn).filter(isSteady);

          expect(picks).toEqual(picks.map((_, turn) => steady[turn % steady.length]));
        }),
        { numRuns: 40 },
      );
    });

    it('serves no key twice in a lap', () => {
      fc.assert(
        fc.property(sizes, churns, (size, churn) => {
          const picks = pickWhileSwitching(size, churn);
          const repeated = picks.filter((slot, turn) => turn > 0 && slot <= (picks[turn - 1] ?? -1));

          expect(repeated).toEqual(repeated.map(() => 0));
        }),
        { numRuns: 40 },
      );
    });
  });

  it('allocates nothing over a million picks from a million keys', () => {
    const ring = new KeyRing();
    slotsBelow(1_000_000).forEach((slot) => ring.add(slot));
    const excluded = [10, 20, 30];
    const pickOnce = (): number => polling.pick(ring, excluded);
    medianHeapGrowthBytes(pickOnce);

    expect(medianHeapGrowthBytes(pickOnce)).toBeLessThan(PICKS_PER_BATCH);
  });
});
