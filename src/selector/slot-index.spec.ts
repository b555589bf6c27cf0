import fc from 'fast-check';
import { SlotIndex } from './slot-index';

/** Who sits where, as `KeyTable` has it: whoever left stays written until the next one comes. */
class Seats {
  readonly keyIds: number[] = [];

  get span(): number {
    return this.keyIds.length;
  }

  keyIdAt(slot: number): number {
    return this.keyIds[slot] ?? 0;
  }
}

describe(SlotIndex, () => {
  let seats: Seats;
  let index: SlotIndex;

  beforeEach(() => {
    seats = new Seats();
    index = new SlotIndex(seats);
  });

  function seat(slot: number, keyId: number): void {
    for (let empty = seats.span; empty < slot; empty++) seats.keyIds[empty] = 0;
    seats.keyIds[slot] = keyId;
    index.seated(slot);
  }

  it('finds keys that sat down before it was first asked, and those that came later', () => {
    seat(0, 70);
    seat(5, 12);
    expect([70, 12, 3].map((keyId) => index.find(keyId))).toEqual([0, 5, -1]);
    seat(2, 3);
    expect([70, 12, 3].map((keyId) => index.find(keyId))).toEqual([0, 5, 2]);
  });

  it('finds nobody in an empty pool, and not the key whose place was taken', () => {
    expect(index.find(1)).toBe(-1);
    seat(0, 1);
    seat(0, 2);
    expect([index.find(1), index.find(2), index.find(0)]).toEqual([-1, 0, -1]);
  });

  it('tells ids apart that differ only beyond 32 bits', () => {
    const far = 2 ** 40;
    seat(0, far + 1);
    seat(1, 1);
    expect([index.find(far + 1), index.find(1), index.find(2 ** 41 + 1)]).toEqual([0, 1, -1]);
  });

  it('finds every key where a plain search finds it, whoever comes when', () => {
    const row = fc.record({ slot: fc.nat(100), keyId: fc.integer({ min: 1, max: 300 }), isAsked: fc.boolean() });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 300, size: 'max' }), (rows) => {
        seats = new Seats();
        index = new SlotIndex(seats);
        for (const { slot, keyId, isAsked } of rows) {
          if (!seats.keyIds.includes(keyId)) seat(slot, keyId);
          if (isAsked) expect(index.find(keyId)).toBe(seats.keyIds.indexOf(keyId));
        }
        for (let keyId = 1; keyId <= 300; keyId++) expect(index.find(keyId)).toBe(seats.keyIds.indexOf(keyId));
      }),
      { numRuns: 50 },
    );
  });

  it('finds each of a million keys in a few steps', () => {
    for (let slot = 0; slot < 1_000_000; slot++) seats.keyIds.push(3 * slot + 1);
    index.find(1);
    const looks = jest.spyOn(seats, 'keyIdAt');
    const wrong = seats.keyIds.filter((keyId, slot) => slot % 100 === 0 && index.find(keyId) !== slot);
    expect(wrong).toEqual([]);
    expect(looks.mock.calls.length).toBeLessThan(10_000 * 4);
  });
});
