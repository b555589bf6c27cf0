import type { Clock } from '../../common/clock';
import { type BreakerState, ChannelBreaker } from './channel-breaker';

const OPEN_MS = 5_000;
const LOST_TRIAL_MS = 60_000;
const WAVE = { kind: 'KEY_DEAD', code: 'invalid_api_key' } as const;

let nowMs = 0;
const clock: Clock = { nowMs: () => nowMs, wallMs: () => nowMs };
let changes: BreakerState[] = [];

beforeEach(() => {
  nowMs = 100_000;
  changes = [];
});

function aBreaker(openMs = OPEN_MS): ChannelBreaker {
  return new ChannelBreaker(
    clock,
    () => openMs,
    (breaker) => changes.push(breaker.state),
  );
}

function anOpenBreaker(openMs = OPEN_MS): ChannelBreaker {
  const breaker = aBreaker(openMs);
  breaker.open(WAVE);
  return breaker;
}

function attempts(breaker: ChannelBreaker, successes: number, failures: number): void {
  for (let i = 0; i < successes; i++) breaker.succeeded(nowMs);
  for (let i = 0; i < failures; i++) breaker.failed('CHANNEL', 'http_502', nowMs);
}

/** Waits for the next trial and begins it. */
function beginTrial(breaker: ChannelBreaker): void {
  nowMs = breaker.retryAtMs ?? NaN;
  expect(breaker.tryBegin()).toBe(true);
}

function holdMs(breaker: ChannelBreaker): number {
  return (breaker.retryAtMs ?? NaN) - nowMs;
}

describe(ChannelBreaker.name, () => {
  it('begins closed, with nothing to tell', () => {
    const breaker = aBreaker();

    expect(breaker).toMatchObject({ state: 'closed', reason: null, openedAtMs: null, retryAtMs: null });
    expect([breaker.admits(), breaker.tryBegin()]).toEqual([true, false]);
    expect(changes).toEqual([]);
  });

  it('goes through open and half-open back to closed, and tells of each change once', () => {
    const breaker = anOpenBreaker();
    const openedAtMs = nowMs;
    expect(breaker).toMatchObject({ state: 'open', reason: WAVE, openedAtMs, retryAtMs: openedAtMs + OPEN_MS });

    beginTrial(breaker);
    expect(breaker).toMatchObject({ state: 'half-open', reason: WAVE, openedAtMs });
    expect(breaker.admits()).toBe(false);

    breaker.trialPassed();
    expect(breaker).toMatchObject({ state: 'closed', reason: null, openedAtMs: null, retryAtMs: null });
    expect(breaker.admits()).toBe(true);
    expect(changes).toEqual(['open', 'half-open', 'closed']);
  });

  it('keeps its first reason and time when it is opened again before it closed', () => {
    const breaker = anOpenBreaker();
    const { openedAtMs, retryAtMs } = breaker;
    nowMs += 100;
    breaker.open({ kind: 'HOST', code: 'late' }, 50_000);

    expect(breaker).toMatchObject({ reason: WAVE, openedAtMs, retryAtMs });
    expect(changes).toEqual(['open']);
  });

  describe('opens by itself', () => {
    it.each([
      { successes: 9, failures: 10, state: 'closed' },
      { successes: 9, failures: 11, state: 'open' },
      { successes: 15, failures: 15, state: 'closed' },
      { successes: 15, failures: 16, state: 'open' },
      { successes: 0, failures: 19, state: 'closed' },
    ])('or not: it is $state at $failures failures and $successes successes', ({ successes, failures, state }) => {
      const breaker = aBreaker();
      attempts(breaker, successes, failures);

      const reason = state === 'open' ? { kind: 'CHANNEL', code: 'http_502' } : null;
      expect(breaker).toMatchObject({ state, reason });
    });

    it('but not for failures of more than 10 s ago', () => {
      const breaker = aBreaker();
      attempts(breaker, 0, 19);
      nowMs += 11_000;
      attempts(breaker, 0, 19);

      expect(breaker.state).toBe('closed');
    });

    it('when three attempts in a row were refused for where we come from', () => {
      const breaker = aBreaker();
      breaker.failed('HOST', 'http_403', nowMs);
      breaker.failed('CHANNEL', 'http_502', nowMs);
      breaker.failed('HOST', 'http_403', nowMs);
      expect(breaker.state).toBe('closed');
      breaker.failed('HOST', 'http_403', nowMs);

      expect(breaker).toMatchObject({ state: 'open', reason: { kind: 'HOST', code: 'http_403' } });
    });

    it('but not when there was a success between', () => {
      const breaker = aBreaker();
      for (let i = 0; i < 4; i++) {
        breaker.failed('HOST', 'http_403', nowMs);
        breaker.failed('HOST', 'http_403', nowMs);
        breaker.succeeded(nowMs);
      }

      expect(breaker.state).toBe('closed');
    });

    it('but not for attempts that started before it closed', () => {
      const breaker = anOpenBreaker();
      const startedAtMs = nowMs;
      beginTrial(breaker);
      breaker.trialPassed();
      for (let i = 0; i < 40; i++) {
        breaker.failed('CHANNEL', 'http_502', startedAtMs);
        breaker.failed('HOST', 'http_403', startedAtMs);
      }

      expect(breaker.state).toBe('closed');
    });

    it('but not for what was counted before it last opened', () => {
      const breaker = aBreaker(100);
      attempts(breaker, 0, 19);
      breaker.failed('HOST', 'http_403', nowMs);
      breaker.open(WAVE);
      beginTrial(breaker);
      breaker.trialPassed();
      attempts(breaker, 0, 19);
      breaker.failed('HOST', 'http_403', nowMs);
      breaker.failed('HOST', 'http_403', nowMs);

      expect(breaker.state).toBe('closed');
    });
  });

  describe('the hold', () => {
    it('doubles with every failed trial, up to 30 s', () => {
      const breaker = anOpenBreaker();
      const { openedAtMs } = breaker;
      const holds = [1, 2, 3, 4].map(() => {
        beginTrial(breaker);
        breaker.trialFailed();
        return holdMs(breaker);
      });

      expect(holds).toEqual([10_000, 20_000, 30_000, 30_000]);
      expect(breaker).toMatchObject({ state: 'open', reason: WAVE, openedAtMs });
    });

    it('begins with what the upstream hints at, at most 60 s', () => {
      const holds = [1_000, 20_000, 86_400_000].map((hintMs) => {
        const breaker = aBreaker();
        breaker.open(WAVE, hintMs);
        return holdMs(breaker);
      });

      expect(holds).toEqual([1_000, 20_000, 60_000]);
    });

    it('goes by its own length again after a hint', () => {
      const breaker = aBreaker();
      breaker.open(WAVE, 1_000);
      beginTrial(breaker);
      breaker.trialFailed();

      expect(holdMs(breaker)).toBe(10_000);
    });

    it('stays at a setting above 30 s', () => {
      const breaker = anOpenBreaker(45_000);
      beginTrial(breaker);
      breaker.trialFailed();

      expect(holdMs(breaker)).toBe(45_000);
    });

    it.each([
      { closedForMs: 59_999, expectedMs: 20_000 },
      { closedForMs: 60_000, expectedMs: OPEN_MS },
    ])('is $expectedMs ms after $closedForMs ms closed', ({ closedForMs, expectedMs }) => {
      const breaker = anOpenBreaker();
      for (let failed = 0; failed < 2; failed++) {
        beginTrial(breaker);
        breaker.trialFailed();
      }
      beginTrial(breaker);
      breaker.trialPassed();
      nowMs += closedForMs;
      breaker.open(WAVE);

      expect(holdMs(breaker)).toBe(expectedMs);
    });
  });

  describe('a trial', () => {
    it('may not begin before it is due', () => {
      const breaker = anOpenBreaker();
      nowMs += OPEN_MS - 1;

      expect(breaker.tryBegin()).toBe(false);
    });

    it('is given to one of many who ask at once', () => {
      const breaker = anOpenBreaker();
      nowMs += OPEN_MS;

      expect(Array.from({ length: 50 }, () => breaker.tryBegin()).filter(Boolean)).toHaveLength(1);
    });

    it('may be begun again 60 s after one that never reported', () => {
      const breaker = anOpenBreaker();
      beginTrial(breaker);
      nowMs += LOST_TRIAL_MS - 1;
      expect(breaker.tryBegin()).toBe(false);
      nowMs += 1;

      expect([breaker.tryBegin(), breaker.tryBegin()]).toEqual([true, false]);
      expect(changes).toEqual(['open', 'half-open']);
    });

    it('that nobody began changes nothing when it reports', () => {
      const breaker = anOpenBreaker();
      const { retryAtMs } = breaker;
      breaker.trialPassed();
      breaker.trialFailed();

      expect(breaker).toMatchObject({ state: 'open', retryAtMs });
    });
  });
});
