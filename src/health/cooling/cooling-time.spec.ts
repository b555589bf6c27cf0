import fc from 'fast-check';
import type { Verdict } from '../verdict/verdict';
import { exhaustedMs, rateCoolingMs } from './cooling-time';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = Date.UTC(2026, 0, 15, 12);
const USAGE_LIMIT = 'You have reached your specified API usage limits. You will regain access on';

function aVerdict(facts: Partial<Verdict> = {}): Verdict {
  return {
    kind: 'KEY_RATE',
    rule: 'test',
    code: 'http_429',
    message: '',
    scope: 'key',
    minimumCoolMs: 0,
    fixedCoolMs: null,
    resetsAt: null,
    ...facts,
  };
}

type Rate = Parameters<typeof rateCoolingMs>[0];
type Exhaustion = Parameters<typeof exhaustedMs>[0];

const rate = (facts: Partial<Rate> = {}): number =>
  rateCoolingMs({ hintMs: null, verdict: aVerdict(), level: 0, defaultMs: 5 * SECOND_MS, jitter: 0, ...facts });

const exhausted = (facts: Partial<Exhaustion> = {}): number =>
  exhaustedMs({
    hintMs: null,
    verdict: aVerdict({ kind: 'KEY_EXHAUSTED' }),
    level: 0,
    defaultMs: HOUR_MS,
    wallNowMs: NOW_MS,
    jitter: 0,
    ...facts,
  });

describe(rateCoolingMs, () => {
  it('doubles the default per level up to 300 s when there is no hint', () => {
    expect([0, 1, 2, 5, 6, 7, 2_000].map((level) => rate({ level }) / SECOND_MS)).toEqual([
      5, 10, 20, 160, 300, 300, 300,
    ]);
  });

  it('follows a hint between 1 s and 1 h at any level', () => {
    expect(rate({ hintMs: 20 * SECOND_MS, level: 9 })).toBe(20 * SECOND_MS);
    expect(rate({ hintMs: 12 })).toBe(SECOND_MS);
    expect(rate({ hintMs: 10 * 365 * DAY_MS })).toBe(HOUR_MS);
  });

  it('follows an override before any hint, between 1 s and 32 days', () => {
    const fixed = (fixedCoolMs: number): number =>
      rate({ hintMs: 20 * SECOND_MS, level: 3, verdict: aVerdict({ fixedCoolMs }) });
    expect([fixed(2 * HOUR_MS), fixed(0), fixed(400 * DAY_MS)]).toEqual([2 * HOUR_MS, SECOND_MS, 32 * DAY_MS]);
  });

  it('never stays below the minimum of the verdict', () => {
    const verdict = aVerdict({ minimumCoolMs: 15 * SECOND_MS });
    expect(rate({ verdict })).toBe(15 * SECOND_MS);
    expect(rate({ verdict, hintMs: SECOND_MS })).toBe(15 * SECOND_MS);
    expect(rate({ verdict, hintMs: 30 * SECOND_MS })).toBe(30 * SECOND_MS);
    expect(rate({ verdict: { ...verdict, fixedCoolMs: SECOND_MS } })).toBe(15 * SECOND_MS);
  });

  it('adds up to a tenth of jitter', () => {
    expect(rate({ hintMs: 20 * SECOND_MS, jitter: 0.5 })).toBe(21 * SECOND_MS);
    expect(rate({ hintMs: HOUR_MS, jitter: 0.5 })).toBe(63 * MINUTE_MS);
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1e15, noNaN: true }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (hintMs, jitter) => {
          const plainMs = rate({ hintMs });
          const jitteredMs = rate({ hintMs, jitter });
          expect(jitteredMs >= plainMs && jitteredMs <= plainMs * 1.1).toBe(true);
        },
      ),
    );
  });
});

describe(exhaustedMs, () => {
  it('doubles the default per level up to 24 h when nothing else is known', () => {
    expect([0, 1, 4, 5, 2_000].map((level) => exhausted({ level }) / HOUR_MS)).toEqual([1, 2, 16, 24, 24]);
  });

  it('follows a hint between 1 min and 32 days', () => {
    expect(exhausted({ hintMs: 3 * DAY_MS, level: 2 })).toBe(3 * DAY_MS);
    expect(exhausted({ hintMs: SECOND_MS })).toBe(MINUTE_MS);
    expect(exhausted({ hintMs: 10 * 365 * DAY_MS })).toBe(32 * DAY_MS);
  });

  it('follows an override before a stated date, a reset moment and a hint', () => {
    const message = `${USAGE_LIMIT} 2026-01-20 at 00:00 UTC.`;
    const verdict = aVerdict({ fixedCoolMs: 2 * HOUR_MS, resetsAt: 'month-start-utc', message });
    expect(exhausted({ verdict, hintMs: 3 * HOUR_MS })).toBe(2 * HOUR_MS);
  });

  it('follows a reset moment before a hint', () => {
    expect(exhausted({ verdict: aVerdict({ resetsAt: 'month-start-utc' }), hintMs: MINUTE_MS })).toBe(16.5 * DAY_MS);
  });

  it('keeps jitter small however long the time is', () => {
    const monthMs = exhausted({ hintMs: 30 * DAY_MS, jitter: 0.999 });
    expect(monthMs).toBeGreaterThan(30 * DAY_MS);
    expect(monthMs).toBeLessThanOrEqual(30 * DAY_MS + 6 * MINUTE_MS);
    expect(exhausted({ hintMs: 10 * MINUTE_MS, jitter: 0.5 })).toBe(10.5 * MINUTE_MS);
  });

  it('never stays below the minimum of the verdict', () => {
    expect(exhausted({ verdict: aVerdict({ minimumCoolMs: 2 * HOUR_MS }) })).toBe(2 * HOUR_MS);
  });

  describe('until midnight Pacific', () => {
    const untilMidnight = (wallNow: string): number =>
      exhausted({ wallNowMs: Date.parse(wallNow), verdict: aVerdict({ resetsAt: 'midnight-pacific' }) });

    it.each([
      ['in winter', '2026-01-15T12:00:00Z', '2026-01-16T08:00:00Z'],
      ['in summer', '2026-07-15T12:00:00Z', '2026-07-16T07:00:00Z'],
      ['on the evening before, by UTC', '2026-07-16T03:00:00.500Z', '2026-07-16T07:00:00Z'],
      ['at midnight itself', '2026-07-16T07:00:00Z', '2026-07-17T07:00:00Z'],
      ['over New Year', '2026-12-31T23:30:00Z', '2027-01-01T08:00:00Z'],
      ['in the night before summer time', '2026-03-08T05:00:00Z', '2026-03-08T08:00:00Z'],
      ['on the day of 23 hours, before the change', '2026-03-08T08:30:00Z', '2026-03-09T07:00:00Z'],
      ['on the day of 23 hours, after the change', '2026-03-08T10:30:00Z', '2026-03-09T07:00:00Z'],
      ['at the start of the day of 25 hours', '2026-11-01T07:00:00Z', '2026-11-02T08:00:00Z'],
      ['in the hour that comes twice, first time', '2026-11-01T08:30:00Z', '2026-11-02T08:00:00Z'],
      ['in the hour that comes twice, second time', '2026-11-01T09:30:00Z', '2026-11-02T08:00:00Z'],
      ['in the night after summer time', '2026-11-02T07:30:00Z', '2026-11-02T08:00:00Z'],
    ])('is right %s', (_, wallNow, midnight) => {
      expect(untilMidnight(wallNow)).toBe(Date.parse(midnight) - Date.parse(wallNow));
    });

    it('is never less than a minute', () => {
      expect(untilMidnight('2026-07-16T06:59:59.900Z')).toBe(MINUTE_MS);
    });

    it('ends when the clock in Los Angeles first shows the next day, at any moment of any year', () => {
      const day = new Intl.DateTimeFormat('en-US', { timeZone: 'America/Los_Angeles', dateStyle: 'short' });
      const moment = fc.integer({ min: Date.UTC(2010, 0), max: Date.UTC(2060, 0) });
      fc.assert(
        fc.property(moment, (wallNowMs) => {
          const ms = exhausted({ wallNowMs, verdict: aVerdict({ resetsAt: 'midnight-pacific' }) });
          expect(ms).toBeLessThanOrEqual(25 * HOUR_MS);
          if (ms === MINUTE_MS) return;
          expect(day.format(wallNowMs + ms - 1)).toBe(day.format(wallNowMs));
          expect(day.format(wallNowMs + ms)).not.toBe(day.format(wallNowMs));
        }),
        { numRuns: 2_000 },
      );
    });
  });

  it.each([
    ['2026-01-15T12:00:00Z', '2026-02-01T00:00:00Z'],
    ['2026-12-31T23:00:00Z', '2027-01-01T00:00:00Z'],
    ['2028-02-29T12:00:00Z', '2028-03-01T00:00:00Z'],
    ['2026-08-01T00:00:00Z', '2026-09-01T00:00:00Z'],
  ])('waits at %s for the month that starts on %s', (wallNow, start) => {
    const wallNowMs = Date.parse(wallNow);
    const verdict = aVerdict({ resetsAt: 'month-start-utc' });
    expect(exhausted({ wallNowMs, verdict })).toBe(Date.parse(start) - wallNowMs);
  });

  describe("with Anthropic's usage limit", () => {
    const stating = (message: string): number => exhausted({ verdict: aVerdict({ message }), hintMs: 2 * HOUR_MS });

    it.each([
      [`${USAGE_LIMIT} 2026-01-20 at 00:00 UTC.`, 4.5 * DAY_MS],
      [`${USAGE_LIMIT} 2026-01-15 at 13:30 UTC`, 1.5 * HOUR_MS],
      [`${USAGE_LIMIT.replace('API', 'workspace API')} 2026-01-16 at 00:00 UTC.`, 12 * HOUR_MS],
      [`${USAGE_LIMIT} 2036-01-01 at 00:00 UTC.`, 32 * DAY_MS],
    ])('waits for the date in "%s"', (message, expectedMs) => {
      expect(stating(message)).toBe(expectedMs);
    });

    it.each([
      `${USAGE_LIMIT} 2026-01-01 at 00:00 UTC.`,
      `${USAGE_LIMIT} 2026-02-30 at 00:00 UTC.`,
      `${USAGE_LIMIT} 2026-01-20 at 25:00 UTC.`,
      `${USAGE_LIMIT} 2026-01-20 at 00:00 PST.`,
      `${USAGE_LIMIT} tomorrow.`,
      `The user wrote: ${USAGE_LIMIT} 2026-01-20 at 00:00 UTC.`,
    ])('does not believe "%s"', (message) => {
      expect(stating(message)).toBe(2 * HOUR_MS);
    });
  });
});
