import fc from 'fast-check';
import { ManualClock } from '../../../test/support/manual-clock';
import { DeadlineTimer } from './deadline-timer';

const HOUR_MS = 3_600_000;
const TEN_YEARS_MS = 3_650 * 24 * HOUR_MS;

/** A timer whose clock and whose process time move together; `due` holds what was called, in order. */
class Scene {
  readonly clock = new ManualClock();
  readonly due: string[] = [];
  readonly errors: unknown[] = [];
  readonly timer = new DeadlineTimer<string>(
    this.clock,
    (item) => {
      this.due.push(item);
      this.onDue(item);
    },
    (error) => this.errors.push(error),
  );
  onDue: (item: string) => void = () => undefined;

  in(item: string, delayMs: number): void {
    this.timer.schedule(item, this.clock.nowMs() + delayMs);
  }

  /** Lets time pass in steps, so that a timer finds the clock near the moment it was set for. */
  pass(ms: number, stepMs = ms): void {
    for (let leftMs = ms; leftMs > 0; leftMs -= stepMs) {
      const passedMs = Math.min(leftMs, stepMs);
      this.clock.advance(passedMs);
      jest.advanceTimersByTime(passedMs);
    }
  }
}

describe(DeadlineTimer, () => {
  let scene: Scene;

  beforeEach(() => {
    jest.useFakeTimers();
    scene = new Scene();
  });

  afterEach(() => {
    scene.timer.stop();
    jest.useRealTimers();
  });

  it('calls each item once, in the order of the deadlines', () => {
    scene.in('b', 200);
    scene.in('a', 100);
    scene.in('c', 200.5);
    scene.pass(99);
    expect(scene.due).toEqual([]);
    scene.pass(101, 1);
    expect(scene.due).toEqual(['a', 'b']);
    scene.pass(HOUR_MS);
    expect(scene.due).toEqual(['a', 'b', 'c']);
  });

  it('has one timer at a time, whatever is waiting, and none when nothing is', () => {
    for (let item = 0; item < 1_000; item++) scene.in(`item ${item}`, 1_000 - item);
    expect(jest.getTimerCount()).toBe(1);
    scene.pass(2_000);
    expect(scene.due).toHaveLength(1_000);
    scene.pass(2_000);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('calls what is due already, but not before it has returned', () => {
    scene.in('a', -HOUR_MS);
    expect(scene.due).toEqual([]);
    scene.pass(1);
    expect(scene.due).toEqual(['a']);
  });

  it('follows a deadline that moves, and forgets what is cancelled', () => {
    scene.in('sooner', 1_000);
    scene.in('later', 100);
    scene.in('gone', 100);
    scene.in('sooner', 50);
    scene.in('later', 5_000);
    expect([scene.timer.cancel('gone'), scene.timer.cancel('gone')]).toEqual([true, false]);
    scene.pass(50);
    expect(scene.due).toEqual(['sooner']);
    scene.pass(4_949, 10);
    expect(scene.due).toEqual(['sooner']);
    scene.pass(1);
    expect(scene.due).toEqual(['sooner', 'later']);
  });

  it('never sleeps longer than an hour', () => {
    const setTimeout = jest.spyOn(globalThis, 'setTimeout');
    scene.in('in a month', 30 * 24 * HOUR_MS);
    scene.in('never', Infinity);
    scene.pass(30 * 24 * HOUR_MS - 1, HOUR_MS);
    expect(scene.due).toEqual([]);
    scene.pass(1);
    expect(scene.due).toEqual(['in a month']);
    const sleeps = setTimeout.mock.calls.map(([, ms]) => ms ?? 0);
    expect(Math.max(...sleeps)).toBe(HOUR_MS);
    // The last slice may be cut in two by the steps of this test.
    expect(sleeps.length).toBeLessThanOrEqual(30 * 24 + 2);
  });

  it.each([HOUR_MS, -HOUR_MS, TEN_YEARS_MS, -TEN_YEARS_MS])(
    'does not heed a machine clock that jumps by %i ms',
    (ms) => {
      scene.in('a', 30_000);
      scene.clock.jumpWall(ms);
      jest.setSystemTime(Date.now() + ms);
      scene.pass(29_999);
      expect(scene.due).toEqual([]);
      scene.pass(1);
      expect(scene.due).toEqual(['a']);
    },
  );

  it('wakes again when a timer comes too early', () => {
    scene.in('a', 1_000);
    jest.advanceTimersByTime(1_000);
    expect(scene.due).toEqual([]);
    scene.pass(1_000);
    expect(scene.due).toEqual(['a']);
  });

  it('reports an item that fails and goes on with the others', () => {
    const failure = new Error('b fails');
    scene.onDue = (item) => {
      if (item === 'b') throw failure;
    };
    for (const item of ['a', 'b', 'c']) scene.in(item, 10);
    scene.in('d', 20);
    scene.pass(10);
    scene.pass(10);
    expect(scene.due.sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(scene.errors).toEqual([failure]);
  });

  it('takes items that are scheduled from within a call', () => {
    scene.onDue = (item) => {
      if (scene.due.length < 3) scene.in(item, 1_000);
    };
    scene.in('a', 1_000);
    scene.pass(5_000, 1_000);
    expect(scene.due).toEqual(['a', 'a', 'a']);
  });

  it('lets other work pass between a thousand calls and the next', () => {
    for (let item = 0; item < 2_500; item++) scene.in(`item ${item}`, 100);
    scene.clock.advance(100);
    const turns = [];
    jest.advanceTimersToNextTimer();
    for (turns.push(scene.due.length); jest.getTimerCount() > 0; turns.push(scene.due.length)) {
      jest.advanceTimersToNextTimer();
    }
    expect(turns).toEqual([1_000, 2_000, 2_500]);
  });

  it('starts no second timer for what is scheduled between two turns', () => {
    for (let item = 0; item < 1_500; item++) scene.in(`item ${item}`, 100);
    scene.clock.advance(100);
    jest.advanceTimersToNextTimer();
    scene.in('between', 0);
    expect(jest.getTimerCount()).toBe(1);
    scene.pass(1);
    expect(scene.due).toHaveLength(1_501);
  });

  it.each([1, 1_500])('calls nothing after it was stopped, with %i items due', (count) => {
    for (let item = 0; item < count; item++) scene.in(`item ${item}`, 100);
    scene.onDue = () => {
      scene.timer.stop();
    };
    scene.pass(100);
    scene.in('after', 0);
    scene.pass(HOUR_MS);
    expect(scene.due).toHaveLength(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('calls nothing when it was stopped between two turns', () => {
    for (let item = 0; item < 1_500; item++) scene.in(`item ${item}`, 100);
    scene.clock.advance(100);
    jest.advanceTimersToNextTimer();
    scene.timer.stop();
    scene.pass(HOUR_MS);
    expect(scene.due).toHaveLength(1_000);
  });

  it('never keeps the process alive', () => {
    jest.useRealTimers();
    const setTimeout = jest.spyOn(globalThis, 'setTimeout');
    scene.in('a', HOUR_MS);
    const [sleep] = setTimeout.mock.results.map(({ value }) => value as NodeJS.Timeout);
    expect(sleep?.hasRef()).toBe(false);
    setTimeout.mockRestore();
  });

  it('keeps a hundred thousand deadlines with one timer and calls every one', () => {
    for (let item = 0; item < 100_000; item++) scene.in(`item ${item}`, (item * 7_919) % 10_007);
    expect(jest.getTimerCount()).toBe(1);
    scene.pass(10_007, 101);
    scene.pass(1_000, 10);
    expect(new Set(scene.due).size).toBe(100_000);
    expect(scene.due).toHaveLength(100_000);
  });

  it('calls exactly what a plain list would, whatever is scheduled, moved and cancelled', () => {
    const command = fc.record({
      item: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      delayMs: fc.integer({ min: -5, max: 60 }),
      isCancelled: fc.boolean(),
      passMs: fc.integer({ min: 0, max: 40 }),
    });
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        const { due, clock, timer } = (scene = new Scene());
        const model = new Map<string, number>();
        const expected: string[] = [];
        for (const { item, delayMs, isCancelled, passMs } of commands) {
          if (isCancelled) expect(timer.cancel(item)).toBe(model.delete(item));
          else {
            scene.in(item, delayMs);
            model.set(item, clock.nowMs() + delayMs);
          }
          scene.pass(passMs, 1);
          const isDue = ([, atMs]: [string, number]): boolean => passMs > 0 && atMs <= clock.nowMs();
          for (const [gone] of [...model].filter(isDue)) {
            model.delete(gone);
            expected.push(gone);
          }
          expect([...due].sort()).toEqual([...expected].sort());
        }
        timer.stop();
      }),
      { numRuns: 300 },
    );
  });
});
