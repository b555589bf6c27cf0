import { aVerdict, anAnswer, ChannelInMemory } from '../../test/support/key-state-channel';
import { aSnapshot } from '../../test/support/key-state-pool';
import type { KeyState } from '../keys/key-state';
import type { Strike } from './attempt-facts';
import { KeyPenalties } from './key-penalties';
import type { Verdict } from './verdict/verdict';

const RATE = aVerdict({ kind: 'KEY_RATE', code: 'rate_limit_exceeded', scope: 'model' });
const DEAD = aVerdict({ kind: 'KEY_DEAD', code: 'invalid_api_key' });

describe(KeyPenalties, () => {
  let scene: ChannelInMemory;

  beforeEach(async () => {
    scene = await ChannelInMemory.open(10);
    // No jitter.
    jest.spyOn(Math, 'random').mockReturnValue(0);
  });

  afterEach(() => {
    jest.restoreAllMocks();
    scene.close();
  });

  function punish(verdict: Verdict, retryAfterSeconds: number | null = null, model = 'gpt-4o'): Strike | null {
    return scene.health.punish(scene.attempt(0, model), verdict, anAnswer(retryAfterSeconds));
  }

  async function stored(): Promise<unknown[]> {
    await scene.flush();
    return scene.stored.splice(0).map(({ to, lastsMs, probeInMs, model }) => ({ to, lastsMs, probeInMs, model }));
  }

  function backInMs(model = 'gpt-4o'): number | null {
    const atMs = scene.pool.soonestMs(model);
    return atMs === null ? null : atMs - scene.clock.nowMs();
  }

  describe('a rate limit', () => {
    it('lets the key rest for the model as long as the upstream asks, and stores rests of 10 s and more', async () => {
      expect(punish(RATE, 9)).toBeNull();
      expect([scene.states[0], backInMs(), backInMs('other')]).toEqual(['cooling', 9_000, null]);
      expect(await stored()).toEqual([]);
      punish(RATE, 10);
      expect(await stored()).toEqual([{ to: 'cooling', lastsMs: 10_000, probeInMs: null, model: 'gpt-4o' }]);
    });

    it('lets the key rest longer each time where the upstream does not say how long', () => {
      const rests = [1, 2, 3].map(() => {
        punish(RATE);
        const ms = backInMs() ?? 0;
        scene.clock.advance(ms);
        scene.pool.endDueRests();
        return ms;
      });
      expect(rests).toEqual([5_000, 10_000, 20_000]);
    });

    it('stores no shorter rest over a longer one', async () => {
      punish(RATE, 60);
      punish(RATE, 20);
      expect([backInMs(), (await stored()).length]).toEqual([60_000, 1]);
      punish(RATE, 20);
      expect(await stored()).toEqual([]);
    });

    it.each([20, 5])('stores that a second model, limited for %i s, widens the longer rest of the first', async (s) => {
      punish(RATE, 60);
      await stored();
      punish(RATE, s, 'other');
      expect(await stored()).toEqual([{ to: 'cooling', lastsMs: 60_000, probeInMs: null, model: null }]);
    });

    it('closes the model for all keys where they share the limit', async () => {
      punish({ ...RATE, scope: 'channel' }, 60);
      expect([scene.states[0], scene.pool.isModelClosed('gpt-4o'), await stored()]).toEqual(['active', true, []]);
    });
  });

  describe('a used up quota', () => {
    it('takes the key out and has it probed when its time is over', async () => {
      expect(punish(aVerdict({ kind: 'KEY_EXHAUSTED' }), 120)).toBeNull();
      expect([scene.states[0], scene.pool.nextProbeAtMs()]).toEqual(['exhausted', scene.clock.nowMs() + 120_000]);
      expect(await stored()).toEqual([{ to: 'exhausted', lastsMs: 120_000, probeInMs: 120_000, model: 'gpt-4o' }]);
    });

    it('of one model lets the key rest for that model', async () => {
      punish(aVerdict({ kind: 'KEY_EXHAUSTED', scope: 'model' }), 120);
      expect([scene.states[0], backInMs(), backInMs('other')]).toEqual(['cooling', 120_000, null]);
      expect(await stored()).toEqual([{ to: 'cooling', lastsMs: 120_000, probeInMs: null, model: 'gpt-4o' }]);
    });
  });

  describe.each(['KEY_DEAD', 'AMBIGUOUS'] as const)('%s', (kind) => {
    it('puts the key under suspicion until a probe has decided', async () => {
      expect(punish(aVerdict({ kind }))).not.toBeNull();
      expect([scene.states[0], scene.pool.nextProbeAtMs()]).toEqual(['suspect', scene.clock.nowMs() + 5_000]);
      expect(await stored()).toEqual([{ to: 'suspect', lastsMs: null, probeInMs: 5_000, model: 'gpt-4o' }]);
    });

    it('waits up to three times as long for the probe', () => {
      jest.spyOn(Math, 'random').mockReturnValue(1);
      punish(aVerdict({ kind }));
      expect(scene.pool.nextProbeAtMs()).toBe(scene.clock.nowMs() + 15_000);
    });

    it('is no news of a key that is out already', async () => {
      punish(aVerdict({ kind: 'KEY_EXHAUSTED' }));
      await stored();
      expect(punish(aVerdict({ kind }))).toBeNull();
      expect([scene.states[0], await stored()]).toEqual(['exhausted', []]);
    });
  });

  describe('a refund', () => {
    it('lets a suspected key serve again at once, and stores nothing where nothing was', async () => {
      punish(DEAD)?.refund();
      expect([scene.states[0], scene.pool.strikes.count(0, 'suspicions')]).toEqual(['active', 0]);
      expect(await stored()).not.toContainEqual(expect.objectContaining({ to: 'suspect' }));
    });

    it('has the key probed quietly within two seconds, also after it is stored', async () => {
      jest.spyOn(Math, 'random').mockReturnValue(0.5);
      punish(DEAD)?.refund();
      expect(scene.pool.nextProbeAtMs()).toBe(scene.clock.nowMs() + 1_000);

      const strike = punish(DEAD);
      await stored();
      scene.pool.sync(aSnapshot({ state: 'suspect', revision: 2 }));
      strike?.refund();
      expect(scene.pool.nextProbeAtMs()).toBe(scene.clock.nowMs() + 1_000);
      expect(await stored()).toEqual([{ to: 'active', lastsMs: null, probeInMs: 1_000, model: null }]);
    });

    it('also gives back what rested before it was suspected', async () => {
      punish(RATE, 60);
      await stored();
      scene.pool.sync(aSnapshot({ state: 'cooling', model: 'gpt-4o', lastsMs: 60_000, revision: 1 }));
      punish(DEAD, null, 'other')?.refund();
      expect(scene.states[0]).toBe('active');
      expect(await stored()).toEqual([expect.objectContaining({ to: 'active' })]);
    });

    it.each<KeyState>(['manual', 'dead', 'exhausted', 'cooling', 'active', 'unreadable'])(
      'leaves a key alone that has become %s since',
      async (state) => {
        const strike = punish(DEAD);
        await stored();
        scene.pool.sync(aSnapshot({ state, revision: 9, lastsMs: 60_000 }));
        strike?.refund();
        expect([scene.states[0], scene.pool.nextProbeAtMs(), await stored()]).toEqual([state, null, []]);
      },
    );
  });

  it('lets a refund from before an import undo nothing that was found out since', async () => {
    const strike = punish(DEAD);
    await stored();
    scene.fillPool(10, 9);
    punish(RATE, 60);
    strike?.refund();
    expect([scene.states[0], await stored()]).toEqual(['cooling', [expect.objectContaining({ to: 'cooling' })]]);
  });

  describe('a model that the key does not have', () => {
    const NO_MODEL = aVerdict({ kind: 'KEY_MODEL', code: 'model_not_found', scope: 'model' });

    it('keeps the key from it for ten minutes, in memory only, until that is taken back', async () => {
      const strike = punish(NO_MODEL, null, 'gone');
      expect([scene.states[0], backInMs('gone'), await stored()]).toEqual(['active', 600_000, []]);
      strike?.refund();
      expect(backInMs('gone')).toBeNull();
    });

    it('is no matter of a key that is out', () => {
      const attempt = scene.attempt(0, 'gone');
      punish(DEAD);
      expect(scene.health.punish(attempt, NO_MODEL, anAnswer())).toBeNull();
      expect(backInMs('gone')).toBeNull();
    });
  });

  describe('restoring', () => {
    it.each<{ state: KeyState; to: KeyState }>([
      { state: 'cooling', to: 'active' },
      { state: 'suspect', to: 'active' },
      { state: 'dead', to: 'active' },
      { state: 'active', to: 'active' },
      { state: 'exhausted', to: 'exhausted' },
      { state: 'manual', to: 'manual' },
      { state: 'unreadable', to: 'unreadable' },
    ])('brings a key that is $state to $to', async ({ state, to }) => {
      scene.pool.sync(aSnapshot({ state, revision: 9, lastsMs: 60_000 }));
      scene.get(KeyPenalties).restore(1, scene.pool, 0);
      await scene.flush();
      expect(scene.states[0]).toBe(to);
      expect(scene.stored.map(({ revision, actor }) => ({ revision, actor }))).toEqual(
        state === to ? [] : [{ revision: 9, actor: 'system' }],
      );
    });
  });

  describe('what is stored', () => {
    it('says why, without the key', async () => {
      const { secret } = scene.attempt(0).key;
      punish(aVerdict({ code: secret, message: `Incorrect API key provided: ${secret}.` }));
      await scene.flush();
      const [{ code, detail, httpStatus, actor } = {}] = scene.stored;
      expect([httpStatus, actor, `${code} ${detail}`.includes(secret)]).toEqual([401, 'traffic', false]);
      expect(detail).toMatch(/^Incorrect API key provided: .*\*/);
    });

    it('fits the table: code, detail and model are cut, and the model is text that PostgreSQL takes', async () => {
      const long = aVerdict({ code: 'c'.repeat(99), message: 'm'.repeat(999) });
      punish(long, null, `\0${'ä'.repeat(198)}\u{1f600}`);
      await scene.flush();
      const [{ code, detail, model } = {}] = scene.stored;
      expect([code?.length, detail?.length]).toEqual([64, 500]);
      expect(model).toBe(`${'ä'.repeat(198)}\ufffd`);
    });

    it('has no text where the answer had none, and no status where none came', async () => {
      scene.health.punish(scene.attempt(0), DEAD, null);
      await scene.flush();
      expect(scene.stored[0]).toMatchObject({ detail: null, httpStatus: null });
    });
  });
});
