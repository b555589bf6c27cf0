import type { UpstreamAnswer } from '../verdict/verdict';

type Header = UpstreamAnswer['header'];

/** Longer than any provider's error; what exceeds it is not worth the time to parse. */
const LONGEST_BODY_CHARACTERS = 65_536;
const IMF_DATE_LENGTH = 'Sun, 06 Nov 1994 08:49:37 GMT'.length;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;

const OPENAI_DIMENSIONS = ['requests', 'tokens'];
const ANTHROPIC_DIMENSIONS = ['requests', 'tokens', 'input-tokens', 'output-tokens'];

// Every repetition is bounded, and no two neighbours can match the same characters, so matching stays linear.
const NUMBER = String.raw`\d{1,9}(?:\.\d{1,9})?`;
const PLAIN_NUMBER = new RegExp(`^${NUMBER}$`);
const DURATION = new RegExp(`^(?:(${NUMBER})h)?(?:(${NUMBER})m)?(?:(${NUMBER})s)?(?:(${NUMBER})ms)?$`);
const SPOKEN_DELAY = new RegExp(
  String.raw`\b(?:try again in|retry after) (?:((?:${NUMBER}(?:ms|[hms])){1,4})|(${NUMBER}) seconds?)(?!\w)`,
  'i',
);
const RFC_3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * How long the upstream asks to wait, in milliseconds above 0; null when it does not say, or not in one of the known
 * forms. Dates count from the answer's own date, so that a wrong clock on this machine does no harm. Never throws.
 */
export function retryHintMs({ status, header, body }: UpstreamAnswer, wallNowMs: number): number | null {
  const answeredAtMs = imfDateMs(header('date')) ?? wallNowMs;
  const asked = numberTimes(header('retry-after-ms'), 1) ?? retryAfterMs(header('retry-after'), answeredAtMs);
  if (asked !== null) return asked;
  const error = errorIn(body);
  return (
    retryInfoMs(error.details) ??
    anthropicResetMs(header, answeredAtMs) ??
    openAiResetMs(header) ??
    (status === 429 ? spokenDelayMs(error.message) : null)
  );
}

/** The Unix milliseconds of an RFC 3339 date and time in capitals; null for any other text and for dates that do not exist. */
export function rfc3339Ms(text: string): number | null {
  const dateAndTime = RFC_3339.exec(text)?.[1];
  const ms = Date.parse(text);
  if (dateAndTime === undefined || Number.isNaN(ms)) return null;
  // V8 takes 30 February for 1 March and 24:00 for the next day; such a date does not read back the same.
  return new Date(`${dateAndTime}Z`).toISOString().startsWith(dateAndTime) ? ms : null;
}

function imfDateMs(text: string): number | null {
  if (text.length !== IMF_DATE_LENGTH) return null;
  // Date.parse alone takes almost anything ("-5" is in 2001); only an IMF-fixdate reads back the same.
  const ms = Date.parse(text);
  return new Date(ms).toUTCString() === text ? ms : null;
}

function retryAfterMs(text: string, answeredAtMs: number): number | null {
  return numberTimes(text, SECOND_MS) ?? untilMs(imfDateMs(text), answeredAtMs);
}

function retryInfoMs(details: unknown): number | null {
  if (!Array.isArray(details)) return null;
  const delays = details
    .filter((detail) => textOf(field(detail, '@type')).endsWith('google.rpc.RetryInfo'))
    .map((info) => durationMs(textOf(field(info, 'retryDelay'))));
  return longest(delays);
}

/** The limits that are not used up have resets too, which say nothing about this refusal. */
function anthropicResetMs(header: Header, answeredAtMs: number): number | null {
  const usedUp = ANTHROPIC_DIMENSIONS.filter((name) => header(`anthropic-ratelimit-${name}-remaining`) === '0');
  return longest(usedUp.map((name) => untilMs(rfc3339Ms(header(`anthropic-ratelimit-${name}-reset`)), answeredAtMs)));
}

function openAiResetMs(header: Header): number | null {
  const usedUp = OPENAI_DIMENSIONS.filter((name) => header(`x-ratelimit-remaining-${name}`) === '0');
  return longest(usedUp.map((name) => durationMs(header(`x-ratelimit-reset-${name}`))));
}

function spokenDelayMs(message: string): number | null {
  const [, duration = '', seconds = ''] = SPOKEN_DELAY.exec(message) ?? [];
  return durationMs(duration) ?? numberTimes(seconds, SECOND_MS);
}

/** `6m0s`, `1.5s`, `350ms`: units from hours to milliseconds, each at most once and in this order. */
function durationMs(text: string): number | null {
  const [, hours = 0, minutes = 0, seconds = 0, ms = 0] = DURATION.exec(text) ?? [];
  return positive(Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS + Number(seconds) * SECOND_MS + Number(ms));
}

function numberTimes(text: string, unitMs: number): number | null {
  return PLAIN_NUMBER.test(text) ? positive(Number(text) * unitMs) : null;
}

function untilMs(dateMs: number | null, fromMs: number): number | null {
  return dateMs === null ? null : positive(dateMs - fromMs);
}

function positive(ms: number): number | null {
  return ms > 0 ? ms : null;
}

function longest(delaysMs: readonly (number | null)[]): number | null {
  return positive(Math.max(...delaysMs.map((delayMs) => delayMs ?? 0)));
}

/** The words and details of an error body; empty for what is no JSON, such as one that was cut off. */
function errorIn(body: string): { message: string; details: unknown } {
  const parsed = parse(body);
  // Gemini wraps the errors of its streams in a list.
  const root: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  const error = field(root, 'error') ?? root;
  return { message: textOf(error) || textOf(field(error, 'message')), details: field(error, 'details') };
}

function parse(body: string): unknown {
  if (body.length > LONGEST_BODY_CHARACTERS) return null;
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
