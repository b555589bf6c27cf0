import fc from 'fast-check';
import type { UpstreamAnswer } from '../verdict/verdict';
import { retryHintMs } from './retry-hint';

const NOW_MS = Date.UTC(2026, 0, 15, 12);
const HOUR_MS = 3_600_000;
const TEN_YEARS_MS = 3_650 * 24 * HOUR_MS;
const IMF_NOW = 'Thu, 15 Jan 2026 12:00:00 GMT';
const IMF_IN_20_S = 'Thu, 15 Jan 2026 12:00:20 GMT';

function anAnswer(headers: Record<string, string>, body = '', status = 429): UpstreamAnswer {
  return { status, header: (name) => headers[name] ?? '', body };
}

const hintOf = (headers: Record<string, string>, body?: string, status?: number): number | null =>
  retryHintMs(anAnswer(headers, body, status), NOW_MS);

const saying = (message: string): string => JSON.stringify({ error: { message } });

const withRetryInfo = (retryDelay: unknown): string => {
  const quota = { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', retryDelay: '99s' };
  const retry = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay };
  return JSON.stringify({ error: { status: 'RESOURCE_EXHAUSTED', details: [quota, retry] } });
};

const IN_ORDER: [string, Record<string, string>, string, number][] = [
  ['retry-after-ms', { 'retry-after-ms': '1500' }, '', 1_500],
  ['retry-after', { 'retry-after': '2' }, '', 2_000],
  ['RetryInfo', {}, withRetryInfo('3s'), 3_000],
  [
    'the anthropic reset',
    { 'anthropic-ratelimit-tokens-remaining': '0', 'anthropic-ratelimit-tokens-reset': '2026-01-15T12:00:04Z' },
    '',
    4_000,
  ],
  ['x-ratelimit-reset', { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '5s' }, '', 5_000],
  ['the message', {}, saying('Please try again in 6s.'), 6_000],
];

const NOT_USABLE = ['0', '-1', '-5', '+5', 'NaN', 'abc', 'Infinity', '1e9', '0x10', '1,5', '5 s', '20, 20', '1.', '.5'];

describe(retryHintMs, () => {
  it('knows nothing of an answer without a hint', () => {
    expect(hintOf({})).toBeNull();
    expect(hintOf({ date: IMF_NOW }, saying('Too many requests'))).toBeNull();
  });

  it.each(IN_ORDER.map(([name], index) => [name, index] as const))(
    'prefers %s to all that come after it',
    (_, index) => {
      const rest = IN_ORDER.slice(index);
      const headers = Object.assign({}, ...rest.map(([, one]) => one)) as Record<string, string>;
      const error = Object.assign(
        {},
        ...rest.map(([, , body]) => (body === '' ? {} : (JSON.parse(body) as { error: object }).error)),
      ) as object;
      expect(hintOf(headers, JSON.stringify({ error }))).toBe(rest[0]?.[3]);
    },
  );

  it('goes on to the next source when one is not usable', () => {
    expect(hintOf({ 'retry-after-ms': '-1', 'retry-after': '7' })).toBe(7_000);
    expect(hintOf({ 'retry-after': '0' }, withRetryInfo('33s'))).toBe(33_000);
    expect(hintOf({ 'retry-after': 'soon' }, saying('Please try again in 20s'))).toBe(20_000);
  });

  describe('from headers', () => {
    it.each([...NOT_USABLE, '', '9999999999', '5;', ' '])('ignores the number "%s"', (text) => {
      expect(hintOf({ 'retry-after-ms': text })).toBeNull();
      expect(hintOf({ 'retry-after': text })).toBeNull();
    });

    it('takes fractions of seconds and times of any length', () => {
      expect(hintOf({ 'retry-after': '1.5' })).toBe(1_500);
      expect(hintOf({ 'retry-after-ms': '62.25' })).toBe(62.25);
      expect(hintOf({ 'retry-after': '315360000' })).toBe(315_360_000_000);
    });

    it('counts a date from the answer itself, whatever the clock of this machine says', () => {
      for (const wrongByMs of [0, HOUR_MS, -HOUR_MS, TEN_YEARS_MS, -TEN_YEARS_MS]) {
        const answer = anAnswer({ date: IMF_NOW, 'retry-after': IMF_IN_20_S });
        expect(retryHintMs(answer, NOW_MS + wrongByMs)).toBe(20_000);
      }
    });

    it.each(['', 'yesterday', '2026-01-15T12:00:00Z', 'Invalid Date'])(
      'counts a date from the clock of this machine when the answer is dated "%s"',
      (date) => {
        expect(hintOf({ date, 'retry-after': IMF_IN_20_S })).toBe(20_000);
      },
    );

    it.each([
      'Thu, 15 Jan 2026 11:59:59 GMT',
      IMF_NOW,
      'Fri, 15 Jan 2026 12:00:20 GMT',
      'Thu, 15 Jan 2026 12:00:20 UTC',
      'thu, 15 jan 2026 12:00:20 gmt',
      'Mon, 30 Feb 2026 12:00:00 GMT',
      'Thu, 15 Jan 2026 24:00:20 GMT',
      'Thu Jan 15 12:00:20 2026',
      '2026-01-15T12:00:20Z',
    ])('ignores the date "%s"', (text) => {
      expect(hintOf({ 'retry-after': text })).toBeNull();
    });

    it('takes the latest reset of the Anthropic limits that are used up', () => {
      const headers = {
        date: IMF_NOW,
        'anthropic-ratelimit-requests-remaining': '12',
        'anthropic-ratelimit-requests-reset': '2026-01-15T13:00:00Z',
        'anthropic-ratelimit-input-tokens-remaining': '0',
        'anthropic-ratelimit-input-tokens-reset': '2026-01-15T12:00:30Z',
        'anthropic-ratelimit-output-tokens-remaining': '0',
        'anthropic-ratelimit-output-tokens-reset': '2026-01-15T12:00:40Z',
      };
      expect(retryHintMs(anAnswer(headers), NOW_MS + TEN_YEARS_MS)).toBe(40_000);
      expect(hintOf({ ...headers, 'anthropic-ratelimit-output-tokens-reset': 'soon' })).toBe(30_000);
    });

    it('ignores the reset of an Anthropic limit that is not used up', () => {
      expect(hintOf({ 'anthropic-ratelimit-tokens-reset': '2026-01-15T12:00:30Z' })).toBeNull();
    });

    it.each([
      ['2026-01-15T12:00:30.250Z', 30_250],
      ['2026-01-15T14:00:30+02:00', 30_000],
      ['2026-01-15T12:00:00Z', null],
      ['2026-02-30T00:00:00Z', null],
      ['2026-01-15T24:00:00Z', null],
      ['2026-01-15T12:60:00Z', null],
      ['2026-01-16T12:00:00+99:00', null],
      ['2026-01-15T12:00:30', null],
      ['2026-01-16', null],
      ['30', null],
    ])('understands the reset "%s" as %p ms', (reset, expected) => {
      const headers = { 'anthropic-ratelimit-tokens-remaining': '0', 'anthropic-ratelimit-tokens-reset': reset };
      expect(hintOf(headers)).toBe(expected);
    });

    it.each([
      ['12ms', 12],
      ['1s', 1_000],
      ['6m0s', 360_000],
      ['7.66s', 7_660],
      ['1h2m3.5s', 3_723_500],
      ['2m59.56s', 179_560],
      ['1s500ms', 1_500],
    ])('reads the duration %s', (text, expected) => {
      expect(hintOf({ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': text })).toBe(expected);
    });

    it.each([...NOT_USABLE, '', '0s', '-1s', '6m 0s', '1s1m', '20', '1d', '1S', '12345678901s', 's', 'ms'])(
      'ignores the duration "%s"',
      (text) => {
        expect(hintOf({ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': text })).toBeNull();
        expect(hintOf({}, withRetryInfo(text))).toBeNull();
      },
    );

    it('heeds only the reset whose own limit is used up', () => {
      const resets = { 'x-ratelimit-reset-requests': '6m0s', 'x-ratelimit-reset-tokens': '2s' };
      expect(hintOf(resets)).toBeNull();
      expect(hintOf({ ...resets, 'x-ratelimit-remaining-requests': '4999' })).toBeNull();
      expect(hintOf({ ...resets, 'x-ratelimit-remaining-tokens': '0' })).toBe(2_000);
      const bothUsedUp = { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-remaining-requests': '0' };
      expect(hintOf({ ...resets, ...bothUsedUp })).toBe(360_000);
    });
  });

  describe('from the body', () => {
    it('reads RetryInfo also inside a list and with fractions', () => {
      expect(hintOf({}, `[${withRetryInfo('33.837s')}]`, 503)).toBe(33_837);
    });

    it.each([
      ['Rate limit reached. Please try again in 20s. Contact us', 20_000],
      ['Please try again in 6m0s.', 360_000],
      ['Please try again in 1.5s. Visit https://example.com', 1_500],
      ['try again in 350ms', 350],
      ['Try again in 1h12m0.5s, or upgrade', 4_320_500],
      ['have exceeded the token rate limit. Please retry after 37 seconds. To increase', 37_000],
      ['Retry after 1 second', 1_000],
      ['try again in 20 seconds', 20_000],
    ])('hears "%s"', (message, expected) => {
      expect(hintOf({}, saying(message))).toBe(expected);
      expect(hintOf({}, JSON.stringify({ message }))).toBe(expected);
      expect(hintOf({}, JSON.stringify({ error: message }))).toBe(expected);
    });

    it.each([
      'try again in 20',
      'try again in -20s',
      'try again in 0s',
      'try again in 1.5.5s',
      'try again in 20sec',
      'try again in 5 minutes or 20s',
      'retry again in20s',
      'retry after a few seconds',
    ])('does not hear "%s"', (message) => {
      expect(hintOf({}, saying(message))).toBeNull();
    });

    it.each([400, 401, 403, 500, 503])('does not listen to the message of a %i', (status) => {
      expect(hintOf({}, saying('Please try again in 20s'), status)).toBeNull();
    });

    it('is silent about a body that is cut off, too long or of another shape', () => {
      const whole = withRetryInfo('33s');
      for (let length = 0; length < whole.length; length++) expect(hintOf({}, whole.slice(0, length))).toBeNull();
      expect(hintOf({}, whole + ' '.repeat(100_000))).toBeNull();
      const shapes = ['null', '[]', '7', '"x"', '{"error":null}', '{"error":{"details":{},"message":7}}'];
      const details = ['[null]', '[{"@type":{"toString":1}}]', '[{"@type":"google.rpc.RetryInfo","retryDelay":33}]'];
      for (const body of [...shapes, ...details.map((list) => `{"error":{"details":${list}}}`)]) {
        expect(hintOf({}, body)).toBeNull();
      }
    });
  });

  it('never throws, and answers null or a finite time above 0', () => {
    const fragment = fc.constantFrom(...'1 . h m s ms - e : T Z 999999999'.split(' '), 'try again in ');
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fragment).map((parts) => parts.join('')),
      fc.constantFrom(...NOT_USABLE, '0', '20', IMF_NOW, IMF_IN_20_S, '2026-01-15T12:00:30Z', 'Invalid Date'),
    );
    const body = fc.oneof(text, fc.json(), text.map(saying), fc.oneof(text, fc.jsonValue()).map(withRetryInfo));
    fc.assert(
      fc.property(text, body, fc.constantFrom(200, 429, 503), (value, sent, status) => {
        const header = (name: string): string => (name.includes('remaining') ? '0' : value);
        const hintMs = retryHintMs({ status, header, body: sent }, NOW_MS);
        expect(hintMs === null || (Number.isFinite(hintMs) && hintMs > 0)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  it('takes no more time for a text made to mislead it', () => {
    for (const part of ['1', '1.', '1h', '9m9', 'try again in 1s', 'retry after 1 second', 'try again in 1h1m1s1ms1']) {
      const long = part.repeat(Math.floor(60_000 / part.length));
      for (const text of [long, `${long}!`, `try again in ${long}`]) {
        const headers = { 'retry-after': text, date: text, 'x-ratelimit-reset-tokens': text };
        hintOf({ ...headers, 'x-ratelimit-remaining-tokens': '0' }, saying(text));
      }
    }
  });
});
