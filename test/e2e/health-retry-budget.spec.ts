import { attemptsPerRequest, ChurnLoad, either, inItsTime, keysByCaller, successShare } from '../support/churn-load';
import { eventually } from '../support/eventually';
import { FakeUpstream } from '../support/fake-upstream';
import { type Answer, replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { RelayScene } from '../support/relay-scene';

const REQUESTS = 600;
const SHARE = 0.2;
const FLOOR = 3;

/** Keymux's own requests for a list of models are answered as ever, so that it finds a channel well again and again. */
function callsOnly(failing: Answer): Answer {
  return (exchange) => (exchange.entry.method === 'POST' ? failing : replies.normal())(exchange);
}

/** The most attempts for so many requests: a share more, but where few are in flight three retries at a time. */
function mostAttempts(requests: number, concurrency: number, startsAnew: number): number {
  return requests * (1 + Math.max(SHARE, FLOOR / (concurrency - FLOOR))) + FLOOR * startsAnew;
}

describe('retries', () => {
  let scene: RelayScene;
  let other: FakeUpstream;

  beforeAll(async () => {
    // A channel rests only for a moment: else hardly any of the requests would reach its upstream.
    scene = await RelayScene.start({ KEY_BREAKER_OPEN_MS: '10', RELAY_FIRST_BYTE_TIMEOUT: '3s' });
    other = await FakeUpstream.start();
  });

  beforeEach(() => {
    scene.upstream.reset();
    other.reset();
  });

  afterAll(async () => {
    await other.stop();
    await scene.stop();
  });

  function expectFewAttemptsEach(most: number): void {
    for (const keys of keysByCaller(scene.upstream.ledger).values()) {
      expect(keys.length).toBeLessThanOrEqual(most);
      expect(new Set(keys).size).toBe(keys.length);
    }
  }

  describe.each([10, 50])('with %i requests at a time', (concurrency) => {
    it.each<[string, Answer, number]>([
      ['500', replies.status(500), 3],
      ['resets', replies.reset(), 2],
      ['401', replies.status(401), 3],
    ])('are few while all that comes is %s', async (_, failing, most) => {
      const { relay } = await scene.serve({ keys: someKeys(20) });
      scene.upstream.answer(inItsTime(failing));
      const load = new ChurnLoad(relay);
      await load.run(REQUESTS, concurrency);
      expect(successShare(load.outcomes)).toBe(0);
      expect(attemptsPerRequest(load.outcomes, scene.upstream.ledger)).toBeLessThanOrEqual(1 + SHARE);
      expectFewAttemptsEach(most);
    });

    it.each<[string, Answer, number]>([
      ['500', replies.status(500), 3],
      ['resets', replies.reset(), 2],
    ])('stay within their budget while the channel is tried again and again for %s', async (_, failing, most) => {
      const { relay } = await scene.serve({ keys: someKeys(20) });
      scene.upstream.answer(callsOnly(inItsTime(failing)));
      const load = new ChurnLoad(relay);
      await load.run(REQUESTS, concurrency);
      const reached = keysByCaller(scene.upstream.ledger).size;
      expect(reached).toBeGreaterThan(20);
      const trials = scene.upstream.probes.length;
      expect(scene.upstream.ledger.length).toBeLessThanOrEqual(mostAttempts(reached, concurrency, trials + 1));
      expectFewAttemptsEach(most);
    });
  });

  it('are a fifth of the requests at most while every third attempt fails', async () => {
    const { relay } = await scene.serve({ keys: someKeys(20) });
    scene.upstream.answer(callsOnly(either(1 / 3, inItsTime(replies.status(500)), inItsTime(replies.normal()))));
    const load = new ChurnLoad(relay);
    await load.run(3_000, 50);
    expect(successShare(load.outcomes)).toBeGreaterThan(0.6);
    expect(attemptsPerRequest(load.outcomes, scene.upstream.ledger)).toBeLessThanOrEqual(1 + SHARE);
    expect(attemptsPerRequest(load.outcomes, scene.upstream.ledger)).toBeGreaterThan(1.1);
  });

  it('of a request that went out whole and got no answer in time are one at most', async () => {
    const { relay } = await scene.serve({ keys: someKeys(20) }, { keys: someKeys(3, 50), baseUrl: other.baseUrl });
    scene.upstream.answer(replies.hang());
    other.answer(replies.hang());
    const load = new ChurnLoad(relay);
    await load.run(10, 10);
    expect(load.outcomes.map(({ status }) => status)).toEqual(Array(10).fill(504));
    const attempts = [...keysByCaller([...scene.upstream.ledger, ...other.ledger]).values()].map(
      ({ length }) => length,
    );
    expect([attempts.length, Math.max(...attempts)]).toEqual([10, 2]);
  });

  it('cost a channel nothing whose breaker is open: others serve at the first attempt', async () => {
    const { relay, channelIds } = await scene.serve(
      { keys: someKeys(20), priority: 1, settings: { breaker_open_ms: 30_000 } },
      { keys: someKeys(3, 50), baseUrl: other.baseUrl },
    );
    scene.upstream.answer(replies.status(500));
    const load = new ChurnLoad(relay);
    await load.run(40, 20);
    await eventually(async () => {
      const { data } = await scene.app.admin.get<{ breaker: { state: string } }>(`/api/channel/${channelIds[0]}`);
      expect(data.breaker.state).toBe('open');
    });
    const asked = [scene.upstream.ledger.length, other.ledger.length] as const;
    expect(successShare(await load.run(300, 20))).toBe(1);
    expect([scene.upstream.ledger.length, other.ledger.length]).toEqual([asked[0], asked[1] + 300]);
  });
});
