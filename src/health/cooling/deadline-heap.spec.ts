import fc from 'fast-check';
import { DeadlineHeap } from './deadline-heap';

interface Command {
  readonly kind: 'set' | 'delete' | 'take';
  readonly item: number;
  readonly atMs: number;
}

const command = fc.record<Command>({
  kind: fc.constantFrom('set', 'set', 'delete', 'take'),
  item: fc.nat(40),
  atMs: fc.oneof(fc.nat(20), fc.double({ noNaN: true })),
});

/** Every due item in the order in which it is handed out. */
function takeAll<T>(heap: DeadlineHeap<T>, nowMs: number): T[] {
  const taken: T[] = [];
  for (let item = heap.takeDue(nowMs); item !== undefined; item = heap.takeDue(nowMs)) taken.push(item);
  return taken;
}

describe(DeadlineHeap, () => {
  it('hands out due items one at a time, the earliest first, and no others', () => {
    const heap = new DeadlineHeap<string>();
    heap.set('late', 300);
    heap.set('early', 100);
    heap.set('middle', 200);
    expect(heap.takeDue(99)).toBeUndefined();
    expect(takeAll(heap, 200)).toEqual(['early', 'middle']);
    expect([heap.size, heap.nextAtMs()]).toEqual([1, 300]);
  });

  it('moves the deadline of an item that it knows', () => {
    const heap = new DeadlineHeap<string>();
    heap.set('a', 100);
    heap.set('b', 200);
    heap.set('a', 300);
    expect([heap.size, heap.nextAtMs()]).toEqual([2, 200]);
    heap.set('a', 50);
    expect(takeAll(heap, 1_000)).toEqual(['a', 'b']);
  });

  it('has no next deadline when it is empty', () => {
    const heap = new DeadlineHeap<string>();
    expect([heap.size, heap.nextAtMs(), heap.takeDue(Infinity), heap.delete('a')]).toEqual([0, null, undefined, false]);
  });

  it('tells equal-looking items apart', () => {
    const heap = new DeadlineHeap<{ key: number }>();
    const one = { key: 1 };
    heap.set(one, 1);
    heap.set({ key: 1 }, 2);
    expect([heap.size, heap.delete({ key: 1 }), heap.delete(one), heap.size]).toEqual([2, false, true, 1]);
  });

  it('refuses a deadline that is no number', () => {
    const heap = new DeadlineHeap<string>();
    expect(() => {
      heap.set('a', NaN);
    }).toThrow(RangeError);
    expect(heap.size).toBe(0);
  });

  it('agrees with a plain map after any commands', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 300 }), (commands) => {
        const heap = new DeadlineHeap<number>();
        const model = new Map<number, number>();
        for (const { kind, item, atMs } of commands) {
          if (kind === 'set') {
            heap.set(item, atMs);
            model.set(item, atMs);
          } else if (kind === 'delete') {
            expect(heap.delete(item)).toBe(model.delete(item));
          } else {
            const earliestMs = Math.min(...model.values());
            const taken = heap.takeDue(atMs);
            // Of items with the same deadline any may come first.
            if (model.size === 0 || earliestMs > atMs) expect(taken).toBeUndefined();
            else expect(model.get(taken ?? -1)).toBe(earliestMs);
            if (taken !== undefined) model.delete(taken);
          }
          expect(heap.size).toBe(model.size);
          expect(heap.nextAtMs()).toBe(model.size === 0 ? null : Math.min(...model.values()));
        }
        const rest = takeAll(heap, Infinity).map((item) => model.get(item));
        expect(rest).toEqual([...model.values()].sort((a, b) => a - b));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps a hundred thousand items in order while half of them move or go', () => {
    const heap = new DeadlineHeap<number>();
    const count = 100_000;
    const atMsOf = (item: number): number => (item * 7_919) % 100_003;
    for (let item = 0; item < count; item++) heap.set(item, atMsOf(item) + 500_000);
    for (let item = 0; item < count; item += 4) heap.delete(item);
    for (let item = 1; item < count; item++) if (item % 4 !== 0) heap.set(item, atMsOf(item));
    const taken = takeAll(heap, Infinity).map(atMsOf);
    expect(taken).toHaveLength(75_000);
    expect(taken.every((atMs, index) => index === 0 || (taken[index - 1] ?? 0) <= atMs)).toBe(true);
  });
});
