import type { PoolOutlook } from '../../health/pool-outlook';
import type { VerdictKind } from '../../channels/verdict-kinds';
import type { Verdict } from '../../health/verdict/verdict';
import { finalRefusal, noKeyLeft } from './final-answer';
import type { Refusal } from './refusal';
import type { AttemptFailure, RequestFailures } from '../retry/request-failures';
import type { RefusedAnswer } from './refused-answer';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;

const NOTHING: PoolOutlook = {
  usable: 0,
  cooling: 0,
  suspect: 0,
  exhausted: 0,
  dead: 0,
  disabled: 0,
  pausedChannels: 0,
  isRateLimited: false,
  soonestMs: null,
};

const left = (outlook: Partial<PoolOutlook>, model = 'gpt-4o'): Refusal => noKeyLeft({ ...NOTHING, ...outlook }, model);

describe(noKeyLeft, () => {
  it('asks to wait while a key is cooling or a channel is rate limited', () => {
    for (const outlook of [{ cooling: 1 }, { isRateLimited: true, pausedChannels: 1 }]) {
      expect(left({ ...outlook, soonestMs: 11_001 })).toMatchObject({
        status: 429,
        code: 'all_keys_cooling',
        shouldRetry: true,
        retryAfterS: 12,
      });
    }
  });

  it('asks to come again while a channel is paused after trouble of its upstream', () => {
    expect(left({ suspect: 4, pausedChannels: 1, soonestMs: 4_000 })).toMatchObject({
      status: 503,
      code: 'no_available_key',
      shouldRetry: true,
      retryAfterS: 4,
      message: 'No key can serve "gpt-4o" now: 0 usable, 4 being checked, 1 channel paused; the soonest is back in 4 s',
    });
  });

  it('asks to come again at once while a key is usable, whatever else would take longer', () => {
    for (const others of [{ cooling: 3, soonestMs: 51_000 }, { isRateLimited: true, pausedChannels: 1 }, { dead: 1 }]) {
      const refusal = left({ usable: 1, ...others });
      const status = 'isRateLimited' in others ? 429 : 503;
      expect(refusal).toMatchObject({ status, shouldRetry: true, retryAfterS: 1 });
      expect(refusal.message).not.toContain('soonest');
    }
  });

  it('says that waiting does not help when all keys are out', () => {
    const refusal = left({ dead: 2, disabled: 1 });
    expect(refusal).toMatchObject({ status: 503, code: 'no_available_key', shouldRetry: false });
    expect(refusal.retryAfterS).toBeUndefined();
  });

  it.each([
    [0, 1],
    [1, 1],
    [59_001, 60],
    [10 * 365 * 24 * HOUR_MS, 60],
    [null, 5],
  ])('when the soonest is back in %s ms asks to wait for %i s', (soonestMs, seconds) => {
    expect(left({ cooling: 1, soonestMs }).retryAfterS).toBe(seconds);
  });

  it('names the conditions of the keys that there are, and the model', () => {
    expect(left({ cooling: 3, suspect: 5, exhausted: 1, dead: 2, disabled: 1, soonestMs: 12_000 }).message).toBe(
      'No key can serve "gpt-4o" now: 0 usable, 3 cooling, 5 being checked, 1 exhausted, 2 dead, 1 disabled; the soonest is back in 12 s',
    );
    expect(left({ pausedChannels: 2 }, `"${'x'.repeat(300)}`).message).toBe(
      `No key can serve "\\"${'x'.repeat(199)}" now: 0 usable, 2 channels paused`,
    );
  });

  it.each([
    [119 * SECOND_MS, '119 s'],
    [120 * SECOND_MS, '2 min'],
    [3 * HOUR_MS, '3 h'],
    [47 * HOUR_MS, '47 h'],
    [48 * HOUR_MS, '2 d'],
  ])('says of %i ms that the soonest is back in %s', (soonestMs, words) => {
    expect(left({ cooling: 1, soonestMs }).message).toMatch(new RegExp(`is back in ${words}$`));
  });
});

describe(finalRefusal, () => {
  const said = (
    latest: Partial<AttemptFailure>,
    { isRateLimited = false, outlook = NOTHING }: { isRateLimited?: boolean; outlook?: PoolOutlook } = {},
  ): Refusal => {
    const failure = { answer: null, transport: null, ...latest } as AttemptFailure;
    return finalRefusal({ latest: failure, isRateLimited } as RequestFailures, () => outlook, 'gpt-4o');
  };
  const by = (kind: VerdictKind, status?: number): Partial<AttemptFailure> => ({
    verdict: { kind } as Verdict,
    ...(status !== undefined && { answer: { status } as RefusedAnswer }),
  });

  it('asks to wait whenever a key was only rate limited', () => {
    expect(said(by('CHANNEL', 500), { isRateLimited: true, outlook: { ...NOTHING, soonestMs: 7_000 } })).toMatchObject({
      status: 429,
      code: 'all_keys_cooling',
      retryAfterS: 7,
    });
  });

  it.each<VerdictKind>(['KEY_RATE', 'KEY_DEAD', 'KEY_EXHAUSTED', 'AMBIGUOUS'])(
    'asks to come again at once when attempts end with %s and there are other keys',
    (kind) => {
      const outlook = { ...NOTHING, usable: 17, cooling: 3, soonestMs: 51_000 };
      expect(said(by(kind, 400), { isRateLimited: kind === 'KEY_RATE', outlook })).toMatchObject({
        status: kind === 'KEY_RATE' ? 429 : 503,
        code: kind === 'KEY_RATE' ? 'all_keys_cooling' : 'no_available_key',
        shouldRetry: true,
        retryAfterS: 1,
        message: 'No key that was tried can serve "gpt-4o" now: 17 more usable, 3 cooling',
      });
    },
  );

  it.each<VerdictKind>(['KEY_DEAD', 'KEY_EXHAUSTED', 'AMBIGUOUS'])('never shows %s as the client’s own', (kind) => {
    expect(said(by(kind, 401))).toMatchObject({
      status: 503,
      code: 'no_available_key',
      shouldRetry: false,
      message: 'No key that was tried can serve "gpt-4o" now: 0 more usable',
    });
    expect(said(by(kind, 401), { outlook: { ...NOTHING, cooling: 1 } })).toMatchObject({ status: 429 });
  });

  it('tells a failing upstream from a silent one', () => {
    expect(said(by('CHANNEL', 500))).toMatchObject({ status: 502, code: 'upstream_error' });
    expect(said(by('HOST', 403))).toMatchObject({ status: 502, code: 'upstream_error' });
    expect(said(by('CHANNEL', 200)).message).toBe('The upstream answered with an error in place of an answer');
    expect(said(by('CHANNEL', 408))).toMatchObject({ status: 504, code: 'upstream_timeout' });
    const silent = { code: 'UND_ERR_HEADERS_TIMEOUT', wasSent: true };
    expect(said({ ...by('CHANNEL'), transport: silent })).toMatchObject({ status: 504 });
    const closed = { code: 'ECONNREFUSED', wasSent: false };
    expect(said({ ...by('CHANNEL'), transport: closed })).toMatchObject({ status: 502, code: 'upstream_error' });
  });
});
