import type { Clock } from '../../common/clock';
import { FailureWave, type WaveSuspicion } from './failure-wave';

const WINDOW_MS = 30_000;
const DEAD = 'KEY_DEAD:invalid_api_key';
const RATE = 'KEY_RATE:rate_limit_exceeded';

let nowMs = 0;
const clock: Clock = { nowMs: () => nowMs, wallMs: () => nowMs };

beforeEach(() => {
  nowMs = 1_000;
});

/** Fails slot after slot, a millisecond apart, and answers the suspicions. */
function failEach(wave: FailureWave, slots: readonly number[], poolSize: number, signature = DEAD): WaveSuspicion[] {
  return slots.flatMap((slot) => {
    nowMs++;
    return wave.failed(slot, signature, poolSize) ?? [];
  });
}

function range(from: number, length: number): number[] {
  return Array.from({ length }, (_, index) => from + index);
}

describe(FailureWave.name, () => {
  it('suspects the channel when the third key of a small pool fails alike', () => {
    const wave = new FailureWave(clock);

    expect(failEach(wave, [4, 2], 8)).toEqual([]);
    expect(failEach(wave, [7], 8)).toEqual([expect.objectContaining({ signature: DEAD, slots: [4, 2, 7] })]);
  });

  it.each([
    { poolSize: 2, failing: 2, isRaised: false },
    { poolSize: 3, failing: 3, isRaised: true },
    { poolSize: 9, failing: 3, isRaised: true },
    { poolSize: 10, failing: 3, isRaised: false },
    { poolSize: 10, failing: 4, isRaised: true },
    { poolSize: 40, failing: 12, isRaised: false },
    { poolSize: 40, failing: 13, isRaised: true },
    { poolSize: 100_000, failing: 19, isRaised: false },
    { poolSize: 100_000, failing: 20, isRaised: true },
  ])('with $failing of $poolSize keys failing it raises: $isRaised', ({ poolSize, failing, isRaised }) => {
    expect(failEach(new FailureWave(clock), range(0, failing), poolSize)).toHaveLength(isRaised ? 1 : 0);
  });

  it('counts a key once, however often it fails', () => {
    expect(failEach(new FailureWave(clock), [1, 1, 1, 2, 2, 1], 3)).toEqual([]);
  });

  it('does not add up failures of different signatures', () => {
    const wave = new FailureWave(clock);

    expect([...failEach(wave, [1, 2], 4), ...failEach(wave, [3], 4, RATE)]).toEqual([]);
  });

  it('forgets a failure after 30 s', () => {
    const wave = new FailureWave(clock);
    failEach(wave, [1, 2], 4);
    nowMs += WINDOW_MS - 2;

    expect(failEach(wave, [3, 4], 4)).toEqual([]);
  });

  it('takes the last failure of a key for the one that counts', () => {
    const wave = new FailureWave(clock);
    failEach(wave, [1, 2], 4);
    nowMs += WINDOW_MS - 100;
    failEach(wave, [1], 4);
    nowMs += 200;

    expect(failEach(wave, [3], 4)).toEqual([]);
    expect(failEach(wave, [4], 4)).toEqual([expect.objectContaining({ signature: DEAD, slots: [1, 3, 4] })]);
  });

  describe('a success', () => {
    it('of another key ends the wave when its attempt started after the first failure', () => {
      const wave = new FailureWave(clock);
      failEach(wave, [1, 2], 8);
      wave.succeeded(5, nowMs);

      expect(failEach(wave, [3, 4], 8)).toEqual([]);
      expect(failEach(wave, [5], 8)).toEqual([expect.objectContaining({ signature: DEAD, slots: [3, 4, 5] })]);
    });

    it('ends the waves of all signatures', () => {
      const wave = new FailureWave(clock);
      failEach(wave, [1, 2], 8, DEAD);
      failEach(wave, [3, 4], 8, RATE);
      wave.succeeded(5, ++nowMs);

      expect([...failEach(wave, [6], 8, DEAD), ...failEach(wave, [7], 8, RATE)]).toEqual([]);
    });

    it('whose attempt started before the first failure says nothing', () => {
      const wave = new FailureWave(clock);
      const startedAtMs = nowMs;
      failEach(wave, [1, 2], 8);
      wave.succeeded(5, startedAtMs);

      expect(failEach(wave, [3], 8)).toHaveLength(1);
    });

    it('of a key that has failed since its attempt started says nothing', () => {
      const wave = new FailureWave(clock);
      failEach(wave, [1], 8);
      const startedAtMs = ++nowMs;
      failEach(wave, [2], 8);
      wave.succeeded(2, startedAtMs);

      expect(failEach(wave, [3], 8)).toHaveLength(1);
    });

    it('of a key that failed before ends the wave as well', () => {
      const wave = new FailureWave(clock);
      failEach(wave, [1, 2], 8);
      wave.succeeded(2, ++nowMs);

      expect(failEach(wave, [3], 8)).toEqual([]);
    });

    it('of an attempt older than the window says nothing', () => {
      const wave = new FailureWave(clock);
      failEach(wave, [1], 8);
      const startedAtMs = ++nowMs;
      nowMs += WINDOW_MS - 2_000;
      failEach(wave, [2], 8);
      nowMs += 4_000;
      wave.succeeded(5, startedAtMs);

      expect(failEach(wave, [3, 4], 8)).toHaveLength(1);
    });
  });

  describe('once raised', () => {
    it('is silent while the window lasts', () => {
      const wave = new FailureWave(clock);
      failEach(wave, [1, 2, 3], 8);
      nowMs += WINDOW_MS - 100;

      expect(failEach(wave, range(1, 8), 8)).toEqual([]);
    });

    it('raises again when the window has passed and keys still fail', () => {
      const wave = new FailureWave(clock);
      failEach(wave, [1, 2, 3], 8);
      nowMs += WINDOW_MS - 100;
      failEach(wave, [1, 2], 8);
      nowMs += 200;

      expect(failEach(wave, [3], 8)).toEqual([expect.objectContaining({ signature: DEAD, slots: [1, 2, 3] })]);
    });

    it('counts anew after a dismissal', () => {
      const wave = new FailureWave(clock);
      failEach(wave, [1, 2, 3], 8);
      wave.dismiss();

      expect(failEach(wave, [1, 2], 8)).toEqual([]);
      expect(failEach(wave, [3], 8)).toHaveLength(1);
    });

    it('counts anew after a success', () => {
      const wave = new FailureWave(clock);
      failEach(wave, [1, 2, 3], 8);
      wave.succeeded(4, ++nowMs);

      expect(failEach(wave, [1, 2], 8)).toEqual([]);
      expect(failEach(wave, [3], 8)).toHaveLength(1);
    });
  });

  it('remembers the latest 1,000 keys of a signature', () => {
    const wave = new FailureWave(clock);
    failEach(wave, range(0, 20), 100_000);
    nowMs += WINDOW_MS - 2_500;
    failEach(wave, range(100, 2_000), 100_000);
    nowMs += 2_500;

    expect(failEach(wave, [50], 100_000)).toEqual([
      expect.objectContaining({ signature: DEAD, slots: [...range(1_101, 999), 50] }),
    ]);
  });

  it.each([
    { others: 7, isRaised: true },
    { others: 8, isRaised: false },
  ])('with $others signatures failing later it still raises: $isRaised', ({ others, isRaised }) => {
    const wave = new FailureWave(clock);
    failEach(wave, [1, 2], 8);
    range(0, others).forEach((code) => failEach(wave, [1], 8, `KEY_DEAD:${code}`));

    expect(failEach(wave, [3], 8)).toHaveLength(isRaised ? 1 : 0);
  });

  it('forgets the signature that has not failed for longest, not the oldest', () => {
    const wave = new FailureWave(clock);
    failEach(wave, [1], 8);
    range(0, 7).forEach((code) => failEach(wave, [1], 8, `KEY_DEAD:${code}`));
    failEach(wave, [2], 8);
    failEach(wave, [1], 8, RATE);

    expect(failEach(wave, [3], 8)).toHaveLength(1);
  });
});
