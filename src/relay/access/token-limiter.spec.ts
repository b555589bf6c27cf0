import { ManualClock } from '../../../test/support/manual-clock';
import type { TokenGrant } from '../../tokens/token-directory';
import { type Admission, type LimitDenial, TokenLimiter } from './token-limiter';

const ANY: TokenGrant = {
  id: 1,
  isEnabled: true,
  expiresAtMs: Infinity,
  models: null,
  channelIds: null,
  requestsPerMinute: null,
  concurrentRequests: null,
  budget: null,
};

describe(TokenLimiter.name, () => {
  let clock: ManualClock;
  let limiter: TokenLimiter;

  beforeEach(() => {
    clock = new ManualClock();
    limiter = new TokenLimiter(clock);
  });

  function admit(limits: Partial<TokenGrant>): Admission {
    const answer = limiter.admit({ ...ANY, ...limits });
    if ('exceeds' in answer) throw new Error(answer.message);
    return answer;
  }

  function deny(limits: Partial<TokenGrant>): LimitDenial {
    const answer = limiter.admit({ ...ANY, ...limits });
    if (!('exceeds' in answer)) throw new Error('was admitted');
    return answer;
  }

  function headersOf({ headers }: Admission | LimitDenial): unknown {
    const names = headers.filter((_, at) => at % 2 === 0).map((name) => name.replace(/^x-ratelimit-|-requests$/g, ''));
    return Object.fromEntries(names.map((name, at) => [name, headers[2 * at + 1]]));
  }

  it('gives tokens without limits one and the same admission', () => {
    const admission = admit({});
    admission.release();
    expect(admit({ id: 2 })).toBe(admission);
    expect(admission.headers).toEqual([]);
  });

  it('lets in again as many as have left the window', () => {
    admit({ requestsPerMinute: 2 });
    clock.advance(10_000);
    admit({ requestsPerMinute: 2 });
    clock.advance(49_999);
    expect(deny({ requestsPerMinute: 2 })).toMatchObject({ exceeds: 'rate', retryAfterS: 1 });
    clock.advance(1);
    admit({ requestsPerMinute: 2 });
    expect(deny({ requestsPerMinute: 2 })).toMatchObject({ exceeds: 'rate', retryAfterS: 10 });
  });

  it('tells how many requests are left and when there will be one more', () => {
    const limits = { requestsPerMinute: 2 };
    expect(headersOf(admit(limits))).toEqual({ limit: '2', remaining: '1', reset: '1m0s' });
    clock.advance(20_500);
    expect(headersOf(admit(limits))).toEqual({ limit: '2', remaining: '0', reset: '40s' });
    clock.advance(39_488);
    expect(headersOf(deny(limits))).toEqual({ limit: '2', remaining: '0', reset: '12ms' });
  });

  it('says what to do', () => {
    admit({ requestsPerMinute: 1, concurrentRequests: 1 });
    expect(deny({ requestsPerMinute: 1, concurrentRequests: 1 }).message).toMatch(/ 1 requests per minute; wait 60 s,/);
    expect(deny({ requestsPerMinute: 2, concurrentRequests: 1 })).toMatchObject({
      exceeds: 'concurrency',
      message: expect.stringMatching(/ 1 requests in flight; wait /) as string,
      retryAfterS: 1,
    });
  });

  it('counts what is in flight until it is released, once', () => {
    const limits = { concurrentRequests: 2 };
    const first = admit(limits);
    admit(limits);
    expect(headersOf(deny(limits))).toEqual({});
    first.release();
    first.release();
    admit(limits);
    deny(limits);
  });

  it('keeps tokens apart', () => {
    admit({ requestsPerMinute: 1 });
    admit({ id: 2, requestsPerMinute: 1 });
    deny({ id: 2, requestsPerMinute: 1 });
  });

  it('follows a changed limit, and counts what was started under the old one', () => {
    for (let i = 0; i < 4; i++) {
      admit({ requestsPerMinute: 4 });
      clock.advance(1000);
    }
    admit({ requestsPerMinute: 5 });
    expect(deny({ requestsPerMinute: 2 }).retryAfterS).toBe(59);
    clock.advance(59_000);
    expect(headersOf(admit({ requestsPerMinute: 2 }))).toMatchObject({ remaining: '0' });
  });

  it('counts 60,000 requests', () => {
    for (let i = 0; i < 60_000; i++) admit({ requestsPerMinute: 60_000 });
    expect(deny({ requestsPerMinute: 60_000 }).retryAfterS).toBe(60);
    clock.advance(60_000);
    expect(headersOf(admit({ requestsPerMinute: 60_000 }))).toMatchObject({ remaining: '59999' });
  });
});
