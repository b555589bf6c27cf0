import * as fc from 'fast-check';
import { KeyRing } from './key-ring';

const WORD_BOUNDARIES = [31, 32, 33, 63, 64, 1023, 1024, 1025, 2047, 2048, 32_767, 32_768, 32_769];
const HIGHEST_SLOT = 2 ** 24;

interface Switch {
  from: number;
  length: number;
  on: boolean;
}

const aSlot = fc.oneof(fc.nat(70), fc.nat(4_000), fc.constantFrom(...WORD_BOUNDARIES));
const aLength = fc.oneof(fc.constant(1), fc.nat(70), fc.nat(2_000));
const aSwitch: fc.Arbitrary<Switch> = fc.record({ from: aSlot, length: aLength, on: fc.boolean() });
const switches = fc.array(aSwitch, { maxLength: 25, size: 'max' });

function ringOf(...slots: number[]): KeyRing {
  const ring = new KeyRing();
  slots.forEach((slot) => ring.add(slot));
  return ring;
}

function membersOf(ring: KeyRing): number[] {
  return Array.from({ length: ring.size }, (_, rank) => ring.select(rank));
}

/** Does the same to the ring and to a plain set; true when both always said the same about what changed. */
function applyToBoth(ring: KeyRing, model: Set<number>, { from, length, on }: Switch): boolean {
  let isSame = true;
  for (let slot = from; slot < from + length; slot++) {
    const isChange = model.has(slot) !== on;
    isSame &&= (on ? ring.add(slot) : ring.delete(slot)) === isChange;
    if (on) {
      model.add(slot);
    } else {
      model.delete(slot);
    }
  }
  return isSame;
}

function lookInto(ring: KeyRing, slot: number): object {
  return { has: ring.has(slot), next: ring.next(slot), rank: ring.rank(slot), select: ring.select(slot) };
}

function lookIntoSorted(members: readonly number[], slot: number): object {
  return {
    has: members.includes(slot),
    next: members.find((member) => member >= slot) ?? members[0] ?? -1,
    rank: members.filter((member) => member < slot).length,
    select: members[slot] ?? -1,
  };
}

describe(KeyRing.name, () => {
  it('starts empty, with polling at the first slot', () => {
    const ring = new KeyRing();

    expect(ring.size).toBe(0);
    expect(ring.cursor).toBe(0);
  });

  it('answers every look into an empty ring', () => {
    expect(lookInto(new KeyRing(), 0)).toEqual({ has: false, next: -1, rank: 0, select: -1 });
    expect(new KeyRing().first()).toBe(-1);
  });

  it('says whether a switch changed anything', () => {
    const ring = new KeyRing();

    expect([ring.add(7), ring.add(7), ring.delete(7), ring.delete(7)]).toEqual([true, false, true, false]);
    expect(ring.size).toBe(0);
  });

  it('is empty again once its last member has left', () => {
    const ring = ringOf(40_000);
    ring.delete(40_000);

    expect(lookInto(ring, 40_000)).toEqual({ has: false, next: -1, rank: 0, select: -1 });
    expect(ring.first()).toBe(-1);
  });

  it('finds the first member at or after a slot', () => {
    const ring = ringOf(3, 40, 1_500);

    expect([0, 3, 4, 40, 41, 1_500].map((from) => ring.next(from))).toEqual([3, 3, 40, 40, 1_500, 1_500]);
  });

  it('goes on at the lowest member when nothing is ahead', () => {
    const ring = ringOf(3, 40);

    expect([41, 63, 64, 1_000_000].map((from) => ring.next(from))).toEqual([3, 3, 3, 3]);
  });

  it('ranks members by index, whatever order they came in', () => {
    const ring = ringOf(1_500, 3, 40);

    expect([0, 1, 2, 3].map((rank) => ring.select(rank))).toEqual([3, 40, 1_500, -1]);
    expect([3, 4, 40, 1_500, 1_501, 99_999].map((slot) => ring.rank(slot))).toEqual([0, 1, 1, 2, 3, 3]);
  });

  it.each(WORD_BOUNDARIES)('keeps its order around slot %d', (slot) => {
    const ring = ringOf(slot + 1, slot, slot - 1);

    expect(membersOf(ring)).toEqual([slot - 1, slot, slot + 1]);
    ring.delete(slot);
    expect(ring.next(slot)).toBe(slot + 1);
    expect(ring.next(slot + 2)).toBe(slot - 1);
    expect(ring.rank(slot + 1)).toBe(1);
  });

  it.each(WORD_BOUNDARIES)('keeps members and cursor when it grows to hold slot %d', (slot) => {
    const ring = ringOf(0, 5, 30);
    ring.cursor = 6;
    ring.add(slot);

    expect(membersOf(ring)).toEqual([0, 5, 30, slot]);
    expect(ring.cursor).toBe(6);
  });

  it.each([-1, 0.5, NaN, Infinity, HIGHEST_SLOT + 1, 2 ** 32])('refuses to add slot %d and stays as it is', (slot) => {
    const ring = ringOf(2);

    expect(() => ring.add(slot)).toThrow(RangeError);
    expect(membersOf(ring)).toEqual([2]);
  });

  it.each([-1, 0.5, NaN, Infinity, -Infinity, HIGHEST_SLOT + 1, 2 ** 32])('answers a look for %d', (slot) => {
    const ring = ringOf(2, 9);

    expect([ring.has(slot), ring.delete(slot), ring.select(slot)]).toEqual([false, false, -1]);
    expect(ring.next(slot)).toBe(2);
    expect(ring.rank(slot)).toBe(slot > 2 ? 2 : 0);
  });

  it('holds the highest slot there may be', () => {
    const ring = ringOf(0, HIGHEST_SLOT);

    expect(membersOf(ring)).toEqual([0, HIGHEST_SLOT]);
    expect(ring.next(1)).toBe(HIGHEST_SLOT);
    expect(ring.rank(HIGHEST_SLOT)).toBe(1);
  });

  it('holds a million members in order', () => {
    const ring = new KeyRing();
    for (let slot = 0; slot < 1_000_000; slot++) {
      ring.add(slot);
    }
    ring.delete(500_000);
    const sample = [0, 31, 32, 1_024, 499_999, 500_000, 750_001, 999_998];

    expect(ring.size).toBe(999_999);
    expect(sample.map((rank) => ring.rank(ring.select(rank)))).toEqual(sample);
    expect([ring.next(500_000), ring.next(1_000_000), ring.select(999_999)]).toEqual([500_001, 0, -1]);
  });

  it('agrees with a sorted array after any sequence of switches', () => {
    fc.assert(
      fc.property(switches, fc.array(aSlot, { minLength: 5, maxLength: 20 }), (sequence, probes) => {
        const ring = new KeyRing();
        const model = new Set<number>();
        for (const step of sequence) {
          expect(applyToBoth(ring, model, step)).toBe(true);
          const sorted = [...model].sort((a, b) => a - b);
          expect([ring.size, ring.first()]).toEqual([sorted.length, sorted[0] ?? -1]);
          expect(probes.map((slot) => lookInto(ring, slot))).toEqual(
            probes.map((slot) => lookIntoSorted(sorted, slot)),
          );
        }
      }),
    );
  });

  it('lists exactly its members, by rank and by walking, after any sequence of switches', () => {
    fc.assert(
      fc.property(switches, (sequence) => {
        const ring = new KeyRing();
        const model = new Set<number>();
        sequence.forEach((step) => applyToBoth(ring, model, step));
        const sorted = [...model].sort((a, b) => a - b);
        const walked: number[] = [];
        for (let slot = ring.first(); walked.length < ring.size; slot = ring.next(slot + 1)) {
          walked.push(slot);
        }

        expect(walked).toEqual(sorted);
        expect(membersOf(ring)).toEqual(sorted);
      }),
    );
  });
});
