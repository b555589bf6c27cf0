import { aVerdict, anAnswer, ChannelInMemory } from '../../test/support/key-state-channel';
import { aSnapshot } from '../../test/support/key-state-pool';
import { ModelMapping } from '../channels/model-mapping';
import { VERDICT_KINDS } from '../channels/verdict-kinds';
import { KEY_STATES } from '../keys/key-state';
import { HealthRegistry } from './health-registry';
import { KeyHealth } from './key-health';

describe(KeyHealth, () => {
  let scene: ChannelInMemory;
  let health: KeyHealth;

  async function open(...given: Parameters<typeof ChannelInMemory.open>): Promise<void> {
    scene = await ChannelInMemory.open(...given);
    ({ health } = scene);
  }

  beforeEach(() => open(10));

  afterEach(() => {
    scene.close();
  });

  async function stored(): Promise<string[]> {
    await scene.flush();
    return scene.stored.map(({ to }) => to);
  }

  it.each(VERDICT_KINDS)(
    'lets %s of an attempt that began before the key changed touch nothing of the key',
    async (kind) => {
      const attempt = scene.attempt(0);
      scene.pool.sync(aSnapshot({ revision: 2 }));
      expect(health.punish(attempt, aVerdict({ kind }), anAnswer(60))).toBeNull();
      expect([scene.states, scene.pool.scores.read(0).failures]).toEqual([Array(10).fill('active'), 0]);
      expect([scene.pool.nextAtMs(), scene.pool.nextProbeAtMs(), await stored()]).toEqual([null, null, []]);
    },
  );

  it.each(KEY_STATES)('lets a late success change no key that is %s', async (state) => {
    const attempt = scene.attempt(0);
    for (const revision of [1, 2]) {
      scene.pool.sync(aSnapshot({ state, revision, lastsMs: 60_000 }));
      health.succeeded(attempt);
      expect([scene.states[0], await stored()]).toEqual([state, []]);
    }
  });

  it('holds a request that was the fault of its caller against nobody, not even in the scores', async () => {
    expect(health.punish(scene.attempt(0), aVerdict({ kind: 'REQUEST' }), anAnswer(60))).toBeNull();
    expect([scene.states[0], scene.pool.scores.read(0).failures, await stored()]).toEqual(['active', 0, []]);
  });

  it('measures successes with their latency, and failures', () => {
    const attempt = scene.attempt(3);
    scene.clock.advance(250);
    health.succeeded(attempt);
    health.punish(scene.attempt(3), aVerdict({ kind: 'CHANNEL', code: 'http_502' }), anAnswer());
    expect(scene.pool.scores.read(3)).toEqual({ successes: 1, failures: 1, meanLatencyMs: 250 });
  });

  it('ends a row of refusals with a success', () => {
    health.punish(scene.attempt(0), aVerdict({ kind: 'KEY_RATE' }), anAnswer());
    scene.clock.advance(10_000);
    scene.pool.endDueRests();
    health.succeeded(scene.attempt(0));
    expect(scene.pool.strikes.count(0, 'rateLimits')).toBe(0);
  });

  it('blames the channel, not the key, for its trouble, and admits nothing once most attempts fail', () => {
    for (let n = 0; n < 20; n++) {
      expect(health.admits(1)).toBe(true);
      health.punish(scene.attempt(n % 10), aVerdict({ kind: 'CHANNEL', code: 'http_502' }), anAnswer());
    }
    expect([health.admits(1), scene.states]).toEqual([false, Array(10).fill('active')]);
    expect(health.punish(scene.attempt(0), aVerdict({ kind: 'KEY_DEAD' }), anAnswer())).toBeNull();
    expect(scene.states[0]).toBe('active');
  });

  it('closes the channel at the third refusal in a row for where we come from', () => {
    for (let n = 0; n < 3; n++) health.punish(scene.attempt(n), aVerdict({ kind: 'HOST', code: 'region' }), anAnswer());
    expect([health.admits(1), scene.channel.breaker.reason]).toEqual([false, { kind: 'HOST', code: 'region' }]);
  });

  it('keeps trouble with one model to that model, for ten seconds', () => {
    const verdict = aVerdict({ kind: 'CHANNEL', scope: 'model', code: 'overloaded' });
    for (let n = 0; n < 30; n++) health.punish(scene.attempt(n % 10, 'busy'), verdict, anAnswer());
    expect([health.admits(1), scene.pool.isModelClosed('busy'), scene.pool.isModelClosed('other')]).toEqual([
      true,
      true,
      false,
    ]);
    scene.clock.advance(10_000);
    scene.pool.endDueRests();
    expect(scene.pool.isModelClosed('busy')).toBe(false);
  });

  it('takes out no key where the channel forbids it, and still tells models apart', async () => {
    await open(3, { auto_disable: false });
    for (const kind of ['KEY_DEAD', 'AMBIGUOUS', 'KEY_EXHAUSTED', 'KEY_RATE'] as const)
      expect(health.punish(scene.attempt(0), aVerdict({ kind }), anAnswer(60))).toBeNull();
    expect([scene.states, scene.pool.scores.read(0).failures]).toEqual([Array(3).fill('active'), 4]);
    expect(health.punish(scene.attempt(0, 'gone'), aVerdict({ kind: 'KEY_MODEL' }), anAnswer())).not.toBeNull();
    expect(scene.pool.restingCount('gone')).toBe(1);
  });

  it('admits to a channel that it has never heard of, and stands its attempts', () => {
    const attempt = scene.attempt(0);
    scene.get(HealthRegistry).forget(1);
    expect(health.admits(1)).toBe(true);
    health.succeeded(attempt);
    expect(health.punish(attempt, aVerdict({ kind: 'KEY_DEAD' }), anAnswer())).toBeNull();
  });

  it('judges answers by the overrides of the channel, else by the table of its provider', async () => {
    const answer = { ...anAnswer(), body: '{"error":{"message":"no","code":"invalid_api_key"}}' };
    expect(health.judge(scene.route, answer)).toMatchObject({ kind: 'KEY_DEAD', code: 'invalid_api_key' });
    await open(1, { verdict_overrides: [{ status: 401, verdict: 'CHANNEL' }] });
    expect(health.judge(scene.route, answer)).toMatchObject({ kind: 'CHANNEL', rule: 'override/1' });
  });

  it('never takes a missing answer for the fault of a key', () => {
    expect(health.judgeTransport('ECONNREFUSED').kind).toBe('CHANNEL');
  });

  it('tells how the keys of channels stand with a model, by the name that the upstream knows', () => {
    health.punish(scene.attempt(0, 'gpt-4o'), aVerdict({ kind: 'KEY_RATE', scope: 'model' }), anAnswer(30));
    scene.pool.sync(aSnapshot({ index: 1, state: 'dead', revision: 2 }));
    scene.pool.sync(aSnapshot({ index: 2, state: 'manual', revision: 2 }));
    const route = { ...scene.route, modelMapping: new ModelMapping({ mine: 'gpt-4o' }) };
    expect(health.outlook([route], 'mine')).toMatchObject({ usable: 7, cooling: 1, dead: 1, disabled: 1 });
    expect(health.outlook([route], 'other')).toMatchObject({ usable: 8, cooling: 0, soonestMs: null });
    const { soonestMs } = health.outlook([route], 'mine');
    expect(soonestMs).toBeGreaterThanOrEqual(30_000);
    expect(soonestMs).toBeLessThanOrEqual(33_000);
  });
});
