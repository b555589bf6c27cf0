import type { Verdict } from '../verdict/verdict';
import { rfc3339Ms } from './retry-hint';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const LONGEST_RATE_HINT_MS = HOUR_MS;
const LONGEST_RATE_BACK_OFF_MS = 5 * MINUTE_MS;
const LONGEST_EXHAUSTION_BACK_OFF_MS = DAY_MS;
/** A day of 25 hours, at the end of summer time, and some slack. */
const LONGEST_DAILY_MS = 26 * HOUR_MS;
/** A month of 31 days and some slack. */
const LONGEST_MS = 32 * DAY_MS;

const JITTER_SHARE = 0.1;
/** A tenth of a day or of a month would keep a key out long after its quota is back. */
const LONGEST_JITTER_MS = JITTER_SHARE * LONGEST_RATE_HINT_MS;

const ANTHROPIC_USAGE_LIMIT =
  /^You have reached your specified (?:workspace )?API usage limits\. You will regain access on (\d{4}-\d\d-\d\d) at (\d\d:\d\d) UTC\b/;

const PACIFIC_TIME = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Los_Angeles',
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
});

/** What decides how long a key is left alone. */
interface Refusal {
  /** What the upstream asked for, see `retryHintMs`. */
  readonly hintMs: number | null;
  readonly verdict: Verdict;
  /** How many refusals of this kind came directly before: 0 for the first. */
  readonly level: number;
  /** The time for level 0 when nothing else says how long; each level doubles it. */
  readonly defaultMs: number;
  /** From 0 to below 1: how much of the possible jitter to add. */
  readonly jitter: number;
}

/**
 * How long a rate-limited key cools, in milliseconds: an override's own time (1 s to 32 days), else the upstream's hint
 * (1 s to 1 h), else the default doubled per level (at most 300 s); never less than the verdict's minimum. Jitter comes on
 * top: up to a tenth, at most 6 min.
 */
export function rateCoolingMs({ hintMs, verdict, level, defaultMs, jitter }: Refusal): number {
  const ms =
    hintMs === null
      ? backOffMs(defaultMs, level, LONGEST_RATE_BACK_OFF_MS)
      : clamp(hintMs, SECOND_MS, LONGEST_RATE_HINT_MS);
  return settled(verdict, ms, jitter);
}

/**
 * How long an exhausted key is left alone, in milliseconds: an override's own time (1 s to 32 days), else until the moment
 * that the message states, else until the verdict's reset moment, else the upstream's hint (all of them 1 min to 32 days),
 * else the default doubled per level (at most 24 h). Minimum and jitter as in `rateCoolingMs`.
 */
export function exhaustedMs(refusal: Refusal & { readonly wallNowMs: number }): number {
  const { verdict, wallNowMs, jitter } = refusal;
  const ms =
    untilStatedMs(verdict.message, wallNowMs) ?? untilResetMs(verdict.resetsAt, wallNowMs) ?? hintedMs(refusal);
  return settled(verdict, ms, jitter);
}

function settled({ fixedCoolMs, minimumCoolMs }: Verdict, proposedMs: number, jitter: number): number {
  const wantedMs = fixedCoolMs === null ? proposedMs : clamp(fixedCoolMs, SECOND_MS, LONGEST_MS);
  const ms = Math.max(wantedMs, minimumCoolMs);
  return ms + Math.min(ms * JITTER_SHARE, LONGEST_JITTER_MS) * jitter;
}

function hintedMs({ hintMs, defaultMs, level }: Refusal): number {
  return hintMs === null
    ? backOffMs(defaultMs, level, LONGEST_EXHAUSTION_BACK_OFF_MS)
    : clamp(hintMs, MINUTE_MS, LONGEST_MS);
}

function untilStatedMs(message: string, wallNowMs: number): number | null {
  const [, date = '', time = ''] = ANTHROPIC_USAGE_LIMIT.exec(message) ?? [];
  const statedMs = rfc3339Ms(`${date}T${time}:00Z`);
  return statedMs === null || statedMs <= wallNowMs ? null : clamp(statedMs - wallNowMs, MINUTE_MS, LONGEST_MS);
}

function untilResetMs(resetsAt: Verdict['resetsAt'], wallNowMs: number): number | null {
  switch (resetsAt) {
    case null:
      return null;
    case 'midnight-pacific':
      return clamp(nextPacificMidnightMs(wallNowMs) - wallNowMs, MINUTE_MS, LONGEST_DAILY_MS);
    case 'month-start-utc':
      return clamp(nextUtcMonthMs(wallNowMs) - wallNowMs, MINUTE_MS, LONGEST_MS);
  }
}

function nextUtcMonthMs(wallNowMs: number): number {
  const now = new Date(wallNowMs);
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
}

function nextPacificMidnightMs(wallNowMs: number): number {
  const midnight = new Date(wallNowMs + pacificOffsetMs(wallNowMs)).setUTCHours(24, 0, 0, 0);
  // Today's offset misses midnight by an hour when summer time begins or ends in between, but never its offset.
  return midnight - pacificOffsetMs(midnight - pacificOffsetMs(wallNowMs));
}

/** What to add to UTC to get the time on a clock in Los Angeles. */
function pacificOffsetMs(wallMs: number): number {
  const wholeSecondMs = Math.floor(wallMs / SECOND_MS) * SECOND_MS;
  const shown = new Map(PACIFIC_TIME.formatToParts(wholeSecondMs).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => shown.get(type) ?? 0;
  const day = Date.UTC(part('year'), part('month') - 1, part('day'));
  return day + part('hour') * HOUR_MS + part('minute') * MINUTE_MS + part('second') * SECOND_MS - wholeSecondMs;
}

function backOffMs(defaultMs: number, level: number, longestMs: number): number {
  // A setting above the longest is not cut down to it.
  return Math.min(defaultMs * 2 ** level, Math.max(longestMs, defaultMs));
}

function clamp(ms: number, shortestMs: number, longestMs: number): number {
  return Math.min(Math.max(ms, shortestMs), longestMs);
}
