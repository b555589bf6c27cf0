import { failureOf, isFailureStatus, refusalOf, statusFailure, worthTelling } from './failure';

describe(isFailureStatus, () => {
  it.each([301, 302, 307, 401, 402, 403, 408, 409, 429, 500, 502, 503, 504, 529])(
    'tries elsewhere after %i',
    (status) => {
      expect(isFailureStatus(status)).toBe(true);
    },
  );

  it.each([200, 201, 204, 400, 404, 405, 413, 415, 422])('passes %i to the client', (status) => {
    expect(isFailureStatus(status)).toBe(false);
  });
});

describe(refusalOf, () => {
  const after = (status: number, retryAfter = ''): ReturnType<typeof refusalOf> =>
    refusalOf(statusFailure(status, retryAfter));

  it.each([401, 402, 403])('never shows %i, which is about our key, as the client’s own', (status) => {
    expect(after(status)).toMatchObject({ status: 503, code: 'no_available_key', shouldRetry: false });
  });

  it.each([
    ['7', 7],
    ['0', 1],
    ['86400', 60],
    ['', 5],
    ['-5', 5],
    ['1e9', 5],
    ['Wed, 21 Oct 2065 07:28:00 GMT', 5],
  ])('answers 429 with a wait of at most a minute for Retry-After %j', (text, seconds) => {
    expect(after(429, text)).toMatchObject({ status: 429, code: 'all_keys_cooling', retryAfterS: seconds });
  });

  it('tells a failing upstream from a silent one', () => {
    expect(after(500)).toMatchObject({ status: 502, code: 'upstream_error' });
    expect(after(408)).toMatchObject({ status: 504, code: 'upstream_timeout' });
    expect(refusalOf(failureOf({ code: 'UND_ERR_HEADERS_TIMEOUT' }))).toMatchObject({ status: 504 });
    expect(refusalOf(failureOf({ code: 'ECONNREFUSED' }))).toMatchObject({ status: 502 });
    expect(refusalOf(failureOf(null))).toMatchObject({ status: 502 });
  });
});

describe(worthTelling, () => {
  const limited = (seconds: number): ReturnType<typeof statusFailure> => statusFailure(429, String(seconds));

  it('tells of the latest failure, unless a key was only rate limited', () => {
    expect(worthTelling(statusFailure(401, ''), statusFailure(500, ''))).toEqual({ kind: 'status', status: 500 });
    expect(worthTelling(limited(9), statusFailure(401, ''))).toEqual(limited(9));
    expect(worthTelling(statusFailure(401, ''), limited(9))).toEqual(limited(9));
  });

  it('tells of the key that is free again soonest', () => {
    expect(worthTelling(limited(30), limited(4))).toEqual(limited(4));
    expect(worthTelling(limited(4), limited(30))).toEqual(limited(4));
  });
});
