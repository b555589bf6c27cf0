import { type Answer, replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { errorOf } from '../support/relay-client';
import { closedAddress, RelayScene } from '../support/relay-scene';

/** A wait is stretched by up to a tenth, and some of it may have passed. */
function expectAbout(seconds: number, retryAfter: string | null): void {
  expect(retryAfter).toMatch(/^\d+$/);
  expect(Number(retryAfter)).toBeGreaterThanOrEqual(Math.max(1, seconds - 2));
  expect(Number(retryAfter)).toBeLessThanOrEqual(Math.ceil(seconds * 1.1) + 1);
}

describe('the answer after failed attempts', () => {
  let scene: RelayScene;

  beforeAll(async () => {
    scene = await RelayScene.start({ KEY_AUTO_PROBE: 'false' });
  });

  beforeEach(() => {
    scene.upstream.reset();
  });

  afterAll(() => scene.stop());

  it.each<[string, number, string, Answer]>([
    ['401s', 503, 'no_available_key', replies.status(401)],
    ['402s', 503, 'no_available_key', replies.status(402)],
    ['403s', 503, 'no_available_key', replies.status(403)],
    ['500s', 502, 'upstream_error', replies.status(500)],
    ['503s', 502, 'upstream_error', replies.status(503)],
    ['resets', 502, 'upstream_error', replies.reset()],
    ['redirects', 502, 'upstream_error', replies.redirect('/v1/other')],
    ['408s', 504, 'upstream_timeout', replies.status(408)],
  ])('after nothing but %s answers %s %s, not to be repeated', async (_, status, code, failing) => {
    const { relay } = await scene.serve({ keys: someKeys(2) });
    scene.upstream.answer(failing);
    const answer = await relay.chat();
    expect([answer.status, errorOf(answer).code]).toEqual([status, code]);
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(answer.text).not.toContain('Scripted answer');
  });

  it.each([
    ['20', 20],
    ['86400', 60],
    ['1', 1],
    ['0', 5],
    [undefined, 5],
    ['-3', 5],
    ['abc', 5],
    ['Infinity', 5],
    ['Wed, 21 Oct 2015 07:28:00 GMT', 5],
  ])('after nothing but 429s with Retry-After %s answers 429 with about %s', async (sent, seconds) => {
    const { relay } = await scene.serve({ keys: someKeys(2) });
    const headers = sent === undefined ? {} : { 'retry-after': sent };
    scene.upstream.answer(replies.status(429, { headers }));
    const answer = await relay.chat();
    expect([answer.status, errorOf(answer).code]).toEqual([429, 'all_keys_cooling']);
    expect(answer.headers.get('x-should-retry')).toBe('true');
    expectAbout(seconds, answer.headers.get('retry-after'));
  });

  it('answers 429 when some keys are rate limited and the last one tried is dead', async () => {
    const { relay } = await scene.serve({ keys: someKeys(2) });
    scene.upstream.answerNext(replies.status(429, { headers: { 'retry-after': '7' } }), replies.status(401));
    const answer = await relay.chat();
    expect(answer.status).toBe(429);
    expectAbout(7, answer.headers.get('retry-after'));
  });

  it.each<[string, Answer, string, string]>([
    ['rate limited', replies.status(429, { headers: { 'retry-after': '50' } }), '429 all_keys_cooling', ', 3 cooling'],
    ['exhausted', replies.status(402), '503 no_available_key', ', 3 exhausted'],
  ])(
    'asks to come again at once when the keys that were tried are %s and there are others',
    async (_, failing, expected, out) => {
      const { relay } = await scene.serve({ keys: someKeys(20) });
      scene.upstream.answerNext(failing, failing, failing);
      const answer = await relay.chat();
      expect(`${answer.status} ${errorOf(answer).code}`).toBe(expected);
      expect(errorOf(answer).message).toBe(`No key that was tried can serve "gpt-4o" now: 17 more usable${out}`);
      expect([answer.headers.get('x-should-retry'), answer.headers.get('retry-after')]).toEqual(['true', '1']);
      expect((await relay.chat()).status).toBe(200);
    },
  );

  it('asks to come again at once when keys that serve again were refused and there are others', async () => {
    const { relay } = await scene.serve({ keys: someKeys(20) });
    const refused = replies.status(401);
    scene.upstream.answerNext(refused, refused, refused);
    const answer = await relay.chat();
    expect([answer.status, errorOf(answer).message]).toEqual([
      503,
      'No key that was tried can serve "gpt-4o" now: 17 more usable',
    ]);
    expect([answer.headers.get('x-should-retry'), answer.headers.get('retry-after')]).toEqual(['true', '1']);
    expect((await relay.chat()).status).toBe(200);
  });

  it('tells how soon the first of several rate limited keys may serve again', async () => {
    const { relay } = await scene.serve({ keys: someKeys(2) });
    const limited = ['30', '4'].map((seconds) => replies.status(429, { headers: { 'retry-after': seconds } }));
    scene.upstream.answerNext(...limited);
    expectAbout(4, (await relay.chat()).headers.get('retry-after'));
  });

  it('answers 502 when the only address is closed', async () => {
    const { relay } = await scene.serve({ keys: someKeys(2), baseUrl: await closedAddress() });
    const answer = await relay.chat();
    expect([answer.status, errorOf(answer).code]).toEqual([502, 'upstream_error']);
  });
});
