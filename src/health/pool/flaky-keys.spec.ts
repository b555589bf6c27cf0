import { type Fault, FlakyKeys } from './flaky-keys';

const FIRST_MS = 5_000;

function aFault(fields: Partial<Fault> = {}): Fault {
  const measured = { successes: 10, failures: 1, meanLatencyMs: 100 };
  return { slot: 0, startedAtMs: 1_000, nowMs: 1_000, inARow: 1, measured, enabledKeys: 10, ...fields };
}

describe(FlakyKeys.name, () => {
  let flaky: FlakyKeys;

  beforeEach(() => {
    flaky = new FlakyKeys();
  });

  it('lets no key rest for a single fault', () => {
    expect(flaky.failed(aFault(), FIRST_MS)).toBeNull();
  });

  it('lets a key rest that fails twice in a row, or in a third of its attempts', () => {
    expect(flaky.failed(aFault({ inARow: 2 }), FIRST_MS)).toBe(FIRST_MS);
    const measured = { successes: 4, failures: 2, meanLatencyMs: 100 };
    expect(flaky.failed(aFault({ slot: 1, measured }), FIRST_MS)).toBe(FIRST_MS);
  });

  it('doubles the rest of a key that fails again after it, up to 5 minutes', () => {
    const rests = [];
    for (let nowMs = 1_000, turn = 0; turn < 8; turn++) {
      const ms = flaky.failed(aFault({ inARow: 2, startedAtMs: nowMs, nowMs }), FIRST_MS) ?? 0;
      rests.push(ms);
      nowMs += ms;
    }
    expect(rests).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  });

  it('takes attempts from before a rest for part of what led to it', () => {
    flaky.failed(aFault({ inARow: 2 }), FIRST_MS);
    expect(flaky.failed(aFault({ inARow: 3, nowMs: 3_000 }), FIRST_MS)).toBeNull();
  });

  it('lets at most a fifth of a pool rest, for then it is the channel', () => {
    const rests = [0, 1, 2].map((slot) => flaky.failed(aFault({ slot, inARow: 2 }), FIRST_MS));
    expect(rests).toEqual([FIRST_MS, FIRST_MS, null]);
  });
});
