import { setImmediate as nextTurn } from 'node:timers/promises';
import { aVerdict, anAnswer, ChannelInMemory } from '../../test/support/key-state-channel';
import { aSnapshot } from '../../test/support/key-state-pool';
import type { HealthSettings } from '../channels/health-settings';
import type { Verdict } from './verdict/verdict';
import { WaveWatch } from './wave-watch';

const REFUSED = aVerdict({ kind: 'KEY_DEAD', code: 'invalid_api_key' });

describe(WaveWatch, () => {
  let scene: ChannelInMemory;

  async function open(keyCount: number, settings: HealthSettings = {}): Promise<void> {
    scene = await ChannelInMemory.open(keyCount, settings);
  }

  afterEach(() => {
    scene.close();
  });

  function fail(slots: number[], verdict = REFUSED, retryAfterSeconds: number | null = null): void {
    for (const slot of slots) scene.health.punish(scene.attempt(slot), verdict, anAnswer(retryAfterSeconds));
  }

  async function settled(): Promise<void> {
    for (let turns = 0; turns < 20; turns++) await nextTurn();
  }

  function witnessesSay(verdict: Verdict | null): void {
    scene.probe = () => Promise.resolve(verdict);
  }

  it('asks nobody as long as few keys fail alike', async () => {
    await open(10);
    fail([0, 1, 2]);
    fail([3, 4, 5], aVerdict({ code: 'account_deactivated' }));
    fail([6, 7, 8, 9], aVerdict({ kind: 'KEY_EXHAUSTED', code: 'insufficient_quota' }));
    await settled();
    expect([scene.probed, scene.channel.breaker.state]).toEqual([[], 'closed']);
  });

  it('leaves the keys under suspicion and the channel in service when a key that did not fail works', async () => {
    await open(10);
    fail([0, 1, 2, 3]);
    await settled();
    expect(scene.probed).toHaveLength(3);
    expect(Math.min(...scene.probed)).toBeGreaterThan(4);
    expect(scene.channel.breaker.state).toBe('closed');
    expect(scene.states).toEqual([...Array<string>(4).fill('suspect'), ...Array<string>(6).fill('active')]);
  });

  it('opens the breaker and gives the keys back when three witnesses fail alike', async () => {
    await open(10);
    witnessesSay(REFUSED);
    fail([0, 1, 2, 3]);
    await settled();
    expect(new Set(scene.probed).size).toBe(3);
    expect(scene.channel.breaker).toMatchObject({
      state: 'open',
      reason: { kind: 'KEY_DEAD', code: 'invalid_api_key' },
    });
    expect([scene.channel.lastWave?.keyCount, scene.states]).toEqual([4, Array(10).fill('active')]);
  });

  it('gives back what the wave has cost: what was made dead, and what rests', async () => {
    await open(10);
    witnessesSay(REFUSED);
    fail([0, 1, 2, 3]);
    scene.pool.sync(aSnapshot({ index: 1, state: 'dead', revision: 7, probeInMs: 3_600_000 }));
    await settled();
    await scene.flush();
    expect(scene.states).toEqual(Array(10).fill('active'));
    const restored = { keyId: 2, revision: 7, to: 'active', actor: 'system' };
    expect(scene.stored).toContainEqual(expect.objectContaining(restored));

    fail([4, 5, 6, 7], aVerdict({ kind: 'KEY_RATE', code: 'rate_limit_exceeded' }), 60);
    await settled();
    expect(scene.states).toEqual(Array(10).fill('active'));
  });

  it('leaves alone what an admin switched off meanwhile', async () => {
    await open(10);
    witnessesSay(REFUSED);
    fail([0, 1, 2, 3]);
    scene.pool.sync(aSnapshot({ index: 1, state: 'manual', revision: 7 }));
    await settled();
    expect(scene.states.filter((state) => state !== 'active')).toEqual(['manual']);
  });

  it('rests as long as the upstream asks for', async () => {
    await open(10);
    witnessesSay(aVerdict({ kind: 'KEY_RATE', code: 'slow_down' }));
    fail([0, 1, 2, 3], aVerdict({ kind: 'KEY_RATE', code: 'slow_down' }), 42);
    await settled();
    expect(scene.channel.breaker.retryAtMs).toBe(scene.clock.nowMs() + 42_000);
  });

  it.each([
    { says: 'fails otherwise', verdict: aVerdict({ code: 'account_deactivated' }), state: 'closed' },
    { says: 'meets a limit', verdict: aVerdict({ kind: 'KEY_RATE' }), state: 'closed' },
    { says: 'meets trouble of the channel', verdict: aVerdict({ kind: 'CHANNEL', code: 'http_502' }), state: 'open' },
    { says: 'is refused for where we come from', verdict: aVerdict({ kind: 'HOST', code: 'region' }), state: 'open' },
  ])('takes a witness that $says for what it is: $state', async ({ verdict, state }) => {
    await open(10);
    witnessesSay(verdict);
    fail([0, 1, 2, 3]);
    await settled();
    expect(scene.channel.breaker.state).toBe(state);
  });

  it('asks those that failed when there is no other', async () => {
    await open(3);
    witnessesSay(REFUSED);
    fail([0, 1, 2]);
    await settled();
    expect(scene.probed).toHaveLength(3);
    expect(scene.channel.breaker.state).toBe('open');
  });

  it('blames the channel unasked where nothing may be probed', async () => {
    await open(10, { auto_probe: false });
    fail([0, 1, 2, 3]);
    await settled();
    expect([scene.probed, scene.channel.breaker.state]).toEqual([[], 'open']);
  });

  it('looks into one suspicion at a time', async () => {
    await open(12);
    const answers: ((verdict: Verdict | null) => void)[] = [];
    scene.probe = () =>
      new Promise((resolve) => {
        answers.push(resolve);
      });
    fail([0, 1, 2, 3]);
    fail([4, 5, 6, 7], aVerdict({ code: 'account_deactivated' }));
    await settled();
    expect([scene.probed.length, scene.get(WaveWatch).isInvestigating(scene.channel)]).toEqual([3, true]);
    for (const answer of answers) answer(null);
    await settled();
    expect([scene.probed.length, scene.get(WaveWatch).isInvestigating(scene.channel)]).toEqual([3, false]);
  });

  it('changes nothing when nobody can be asked, and may look again', async () => {
    await open(10);
    scene.probe = () => Promise.reject(new Error('the database is away'));
    fail([0, 1, 2, 3]);
    await settled();
    expect([scene.channel.breaker.state, scene.pool.count('suspect')]).toEqual(['closed', 4]);
    expect(scene.get(WaveWatch).isInvestigating(scene.channel)).toBe(false);
  });
});
