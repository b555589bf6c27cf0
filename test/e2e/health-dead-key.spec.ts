import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppUnderTest } from '../support/app-under-test';
import { eventually } from '../support/eventually';
import { type Answer, replies } from '../support/fake-upstream-replies';
import { expectOwnCalls, probesOf, strangeHeaders, textOf } from '../support/health-probes';
import { type HealthCast, HealthScene } from '../support/health-scene';
import { askAll, unserved, usesAfterFirstAnswer } from '../support/health-traffic';
import { RelayClient } from '../support/relay-client';
import { tally } from '../support/relay-scene';

const POLLING = 0;
const RANDOM = 1;

// The index of the key that is in trouble.
const BAD = 4;
// What was on its way when the first 401 came has arrived by then, and 400 requests take longer.
const GRACE_MS = 1_000;
const IN_FLIGHT = 20;

const OUR_MODEL = 'gpt-4o-mini';
const NO_REASON = { status: 1, disabled_code: null, disabled_at: null, http_status: null, next_probe_at: null };

const noQuota = replies.status(429, { type: 'insufficient_quota', code: 'insufficient_quota' });
const listsModelsOnly: Answer = (exchange) =>
  (exchange.entry.method === 'POST' ? replies.status(401) : replies.normal())(exchange);

describe('one bad key', () => {
  let scene: HealthScene;

  beforeAll(async () => {
    scene = await HealthScene.start({
      KEY_PROBE_SUSPECT_MS: '500',
      KEY_PROBE_EXHAUSTED_MS: '1500',
      KEY_PROBE_DEAD_MS: '1500',
      KEY_PROBES_PER_SECOND: '50',
      RELAY_RETRY_PERCENT: '100',
    });
  });

  beforeEach(() => {
    scene.upstream.reset();
  });

  afterAll(() => scene.stop());

  async function serve(fields: object = {}): Promise<HealthCast & { readonly bad: string }> {
    const cast = await scene.serve(10, { models: [OUR_MODEL, 'gpt-4o'], ...fields });
    return { ...cast, bad: cast.keys[BAD] ?? '' };
  }

  function usesOf(key: string): number {
    return tally([key], scene.upstream.keysUsed())[0] ?? 0;
  }

  async function becomes({ view }: HealthCast, expected: object): Promise<void> {
    await eventually(async () => {
      expect(await view.key(BAD)).toMatchObject(expected);
    });
  }

  describe('that its upstream does not know', () => {
    it.each([
      ['polling', POLLING],
      ['random', RANDOM],
    ])('is felt by no caller under %s, and used no more once its 401 is there', async (_, mode) => {
      const { relay, bad } = await serve({ is_multi_key: true, key_selection_mode: mode });
      scene.upstream.killKey(bad);
      const answers = await askAll(relay, { count: 400, concurrency: IN_FLIGHT });
      expect(unserved(answers)).toEqual([]);
      expect(answers.filter(({ text }) => !/"You said: Hello!"|data: \[DONE\]\n\n$/.test(text))).toEqual([]);
      const uses = usesOf(bad);
      expect(uses).toBeGreaterThanOrEqual(1);
      expect(uses).toBeLessThanOrEqual(IN_FLIGHT);
      expect(usesAfterFirstAnswer(scene.upstream.ledger, bad, GRACE_MS)).toEqual([]);

      expect(unserved(await askAll(relay, { count: 100, concurrency: IN_FLIGHT }))).toEqual([]);
      expect(usesOf(bad)).toBe(uses);
    });

    it('is found out with one use by callers who come one after the other', async () => {
      const { relay, bad } = await serve();
      scene.upstream.killKey(bad);
      expect(unserved(await askAll(relay, { count: 60, concurrency: 1 }))).toEqual([]);
      expect(usesOf(bad)).toBe(1);
    });

    it('is used at most once by each of two instances', async () => {
      const { relay, bad } = await serve();
      const second = await AppUnderTest.start({
        DATABASE_URL: scene.app.databaseUrl,
        ENCRYPTION_KEY: (await readFile(join(scene.app.dataDir, 'encryption-key'), 'utf8')).trim(),
      });
      try {
        scene.upstream.killKey(bad);
        const callers = [relay, new RelayClient(second.baseUrl, relay.token)];
        const answers = await Promise.all(callers.map((caller) => askAll(caller, { count: 100, concurrency: 1 })));
        expect(unserved(answers.flat())).toEqual([]);
        expect([1, 2]).toContain(usesOf(bad));
      } finally {
        await second.stop();
      }
    });

    it('is shown with code, status and times, and with how that came about', async () => {
      const cast = await serve();
      const { relay, view, bad } = cast;
      const startS = Math.floor(Date.now() / 1000);
      scene.upstream.killKey(bad);
      await askAll(relay, { count: 20, concurrency: 1 });
      const refused = { code: 'invalid_api_key', http_status: 401 };
      await becomes(cast, { status: 3, disabled_code: refused.code, http_status: 401 });
      const { disabled_at, next_probe_at, disabled_reason } = await view.key(BAD);
      expect(disabled_at).toBeGreaterThanOrEqual(startS - 1);
      expect(disabled_at).toBeLessThanOrEqual(Date.now() / 1000 + 1);
      expect(next_probe_at).toBeGreaterThanOrEqual(disabled_at ?? Infinity);
      expect(disabled_reason).toMatch(/^Incorrect API key provided/);
      const events = await view.events(BAD);
      expect(events.slice(0, 2)).toMatchObject([
        { from: 'active', to: 'suspect', actor: 'traffic', ...refused },
        { from: 'suspect', to: 'dead', actor: 'probe', ...refused },
      ]);
      const keys = await view.keys();
      expect(JSON.stringify([keys, events])).not.toContain(bad);
      expect(keys.filter(({ status }) => status !== 1).map(({ index }) => index)).toEqual([BAD]);
      expect((await view.channel()).breaker.state).toBe('closed');
    });

    it('is confirmed by a probe that carries nothing of a caller', async () => {
      const cast = await serve();
      scene.upstream.killKey(cast.bad);
      const headers = { 'x-canary': 'canary-1', 'openai-beta': 'canary-2', 'user-agent': 'canary-3' };
      const body = { user: 'canary-4', messages: [{ role: 'user', content: 'canary-5' }] };
      for (let i = 0; i < 20; i++) expect((await cast.relay.chat(body, headers)).status).toBe(200);
      const seen = scene.upstream.ledger.map(textOf).join();
      for (let number = 1; number <= 5; number++) expect(seen).toContain(`canary-${number}`);
      await becomes(cast, { status: 3 });
      const probes = probesOf(scene.upstream, cast.bad);
      expect(probes.length).toBeGreaterThanOrEqual(1);
      for (const probe of probes) {
        expect([probe.method, probe.path, probe.body.length]).toEqual(['GET', '/v1/models', 0]);
        expect(strangeHeaders(probe)).toEqual([]);
        expect(textOf(probe)).not.toContain('canary');
      }
    });

    it('returns to its place by itself when its upstream knows it again', async () => {
      const cast = await serve();
      scene.upstream.killKey(cast.bad);
      await askAll(cast.relay, { count: 20, concurrency: 1 });
      await becomes(cast, { status: 3 });
      expect(await scene.indicesOf(cast, 18)).not.toContain(BAD);
      scene.upstream.reviveKey(cast.bad);
      await becomes(cast, NO_REASON);
      await scene.checkPolling(cast);
      expect((await cast.view.events(BAD)).at(-1)).toMatchObject({ from: 'dead', to: 'active', actor: 'probe' });
    });
  });

  it('is found out by a call of our own when only its calls are refused, and comes back by one', async () => {
    const cast = await serve();
    scene.upstream.answerKey(cast.bad, listsModelsOnly);
    await eventually(async () => {
      expect(unserved(await askAll(cast.relay, { count: 10, concurrency: 1 }))).toEqual([]);
      expect((await cast.view.key(BAD)).status).toBe(3);
    });
    // The list of models spoke for it once.
    expect(usesOf(cast.bad)).toBe(2);
    expectOwnCalls(scene.upstream, cast.bad, OUR_MODEL);
    const { length } = probesOf(scene.upstream, cast.bad);
    await eventually(() => {
      expect(probesOf(scene.upstream, cast.bad).length).toBeGreaterThan(length);
    });
    expect((await cast.view.key(BAD)).status).toBe(3);
    scene.upstream.answerKey(cast.bad, replies.normal());
    await becomes(cast, NO_REASON);
    await scene.checkPolling(cast);
  });

  it.each<[string, Answer, object]>([
    ['402', replies.status(402), { http_status: 402 }],
    ['429 insufficient_quota', noQuota, { http_status: 429, disabled_code: 'insufficient_quota' }],
  ])('with a %s is out until a call of our own finds its quota back', async (_, answer, reason) => {
    const cast = await serve();
    scene.upstream.answerKey(cast.bad, answer);
    expect(unserved(await askAll(cast.relay, { count: 40, concurrency: 4 }))).toEqual([]);
    await becomes(cast, { status: 3, ...reason, next_probe_at: expect.any(Number) as number });
    expect(await cast.view.events(BAD)).toMatchObject([{ from: 'active', to: 'exhausted', actor: 'traffic' }]);
    await eventually(() => {
      expectOwnCalls(scene.upstream, cast.bad, OUR_MODEL);
    });
    expect((await cast.view.key(BAD)).status).toBe(3);
    scene.upstream.answerKey(cast.bad, replies.normal());
    await becomes(cast, NO_REASON);
    await scene.checkPolling(cast);
  });

  it('is left alone when a proxy answers 403 with a page', async () => {
    const { relay, view, bad } = await serve();
    const before = await view.stored();
    scene.upstream.answerKey(bad, replies.html(403));
    expect(unserved(await askAll(relay, { count: 100, concurrency: 2 }))).toEqual([]);
    expect(usesOf(bad)).toBeGreaterThanOrEqual(9);
    expect(await view.stored()).toEqual(before);
    expect((await view.channel()).breaker.state).toBe('closed');
    expect(probesOf(scene.upstream, bad)).toEqual([]);
  });

  it('with a 429 cools for as long as its upstream asks, over a restart too', async () => {
    const cast = await serve();
    const startS = Math.floor(Date.now() / 1000);
    scene.upstream.answerKey(cast.bad, replies.status(429, { headers: { 'retry-after': '20' } }));
    expect(unserved(await askAll(cast.relay, { count: 40, concurrency: 1 }))).toEqual([]);
    expect(usesOf(cast.bad)).toBe(1);
    await becomes(cast, { status: 1, cooling_until: expect.any(Number) as number, http_status: 429 });
    const { cooling_until } = await cast.view.key(BAD);
    expect(cooling_until).toBeGreaterThanOrEqual(startS + 20);
    // A tenth on top, and rounding.
    expect(cooling_until).toBeLessThanOrEqual(Date.now() / 1000 + 23);

    await scene.app.restart();
    const restarted = { ...cast, relay: new RelayClient(scene.app.baseUrl, cast.relay.token) };
    expect(await scene.indicesOf(restarted, 20)).not.toContain(BAD);
    expect(await cast.view.key(BAD)).toMatchObject({ status: 1, cooling_until });
    expect(await cast.view.coolingKeys()).toBe(1);

    scene.upstream.answerKey(cast.bad, replies.normal());
    await eventually(async () => {
      expect(await cast.view.coolingKeys()).toBe(0);
    });
    expect(Date.now() / 1000).toBeGreaterThanOrEqual(startS + 20);
    await eventually(() => scene.checkPolling(restarted));
    expect(await cast.view.key(BAD)).toMatchObject({ status: 1, cooling_until: null });
    expect(await cast.view.statesEntered()).toEqual(new Set(['cooling']));
    expect(probesOf(scene.upstream, cast.bad)).toEqual([]);
  });
});
