import { aSnapshot, WatchedPool } from '../../../test/support/key-state-pool';
import { KEY_STATES } from '../../keys/key-state';
import { PoolHealth } from './pool-health';

describe(PoolHealth, () => {
  let pool: WatchedPool;
  let health: PoolHealth;

  beforeEach(() => {
    pool = new WatchedPool(3);
    ({ health } = pool);
  });

  describe('resting', () => {
    it('keeps a key from all models or from one until the rest is over', () => {
      health.cool(0, { model: null, untilMs: pool.inMs(1_000) });
      health.cool(1, { model: 'slow', untilMs: pool.inMs(2_000) });
      expect([pool.offeredFor('slow'), pool.offeredFor('quick')]).toEqual([[2], [1, 2]]);
      pool.pass(999);
      expect([health.stateAt(0), health.stateAt(1)]).toEqual(['cooling', 'cooling']);
      pool.pass(1);
      expect([health.stateAt(0), health.stateAt(1)]).toEqual(['active', 'cooling']);
      pool.pass(1_000);
      expect([health.stateAt(1), pool.offeredFor('slow')]).toEqual(['active', [0, 1, 2]]);
    });

    it.each([null, 'slow'])('never ends sooner for a newer and shorter rest for %p', (model) => {
      const untilMs = pool.inMs(60_000);
      health.cool(0, { model, untilMs });
      expect(health.cool(0, { model, untilMs: pool.inMs(5_000) })).toEqual({ model, untilMs });
      pool.pass(59_999);
      expect(health.stateAt(0)).toBe('cooling');
    });

    it('ends later for a newer and longer rest', () => {
      health.cool(0, { model: 'slow', untilMs: pool.inMs(5_000) });
      health.cool(0, { model: 'slow', untilMs: pool.inMs(60_000) });
      pool.pass(59_999);
      expect(pool.offeredFor('slow')).toEqual([1, 2]);
    });

    it('becomes one for all models from the second model on, without ending sooner', () => {
      const untilMs = pool.inMs(60_000);
      health.cool(0, { model: 'slow', untilMs });
      expect(health.cool(0, { model: 'other', untilMs: pool.inMs(5_000) })).toEqual({ model: null, untilMs });
      expect(pool.offeredFor('quick')).toEqual([1, 2]);
      pool.pass(59_999);
      expect(health.stateAt(0)).toBe('cooling');
      pool.pass(1);
      expect(['slow', 'other', 'quick'].map((model) => pool.offeredFor(model))).toEqual(Array(3).fill([0, 1, 2]));
    });

    it('stays one for all models when a limit of one model follows', () => {
      health.cool(0, { model: null, untilMs: pool.inMs(5_000) });
      expect(health.cool(0, { model: 'slow', untilMs: pool.inMs(9_000) })?.model).toBeNull();
    });

    it.each(KEY_STATES.filter((state) => state !== 'active' && state !== 'cooling'))(
      'is not for a key that is %s',
      (state) => {
        health.enter(0, state);
        expect(health.cool(0, { model: null, untilMs: pool.inMs(5_000) })).toBeNull();
        expect(health.stateAt(0)).toBe(state);
      },
    );

    it('is for all models where one more model cannot be remembered', () => {
      for (let n = 0; n < 64; n++) health.bench(1, `model-${n}`, pool.inMs(1_000));
      expect(health.bench(1, 'one-more', pool.inMs(1_000))).toBe(false);
      expect(health.cool(0, { model: 'one-more', untilMs: pool.inMs(1_000) })?.model).toBeNull();
      expect(health.cool(2, { model: 'model-7', untilMs: pool.inMs(1_000) })?.model).toBe('model-7');
    });

    it('tells when the next one ends', () => {
      expect([health.nextAtMs(), health.soonestMs('slow')]).toEqual([null, null]);
      health.cool(0, { model: null, untilMs: pool.inMs(3_000) });
      health.cool(1, { model: 'slow', untilMs: pool.inMs(2_000) });
      health.closeModel('busy', pool.inMs(1_000));
      expect(['slow', 'quick', 'busy'].map((model) => health.soonestMs(model))).toEqual([
        pool.inMs(2_000),
        pool.inMs(3_000),
        pool.inMs(1_000),
      ]);
      expect(health.nextAtMs()).toBe(pool.inMs(1_000));
      const calls = pool.deadlineCalls;
      pool.pass(1_000);
      expect([health.nextAtMs(), pool.deadlineCalls > calls]).toEqual([pool.inMs(1_000), true]);
    });

    it('ends for more keys at once than one turn takes', () => {
      pool = new WatchedPool(2_500);
      for (let slot = 0; slot < 2_500; slot++) pool.health.cool(slot, { model: null, untilMs: pool.inMs(1_000) });
      pool.pass(1_000);
      expect(pool.health.nextAtMs()).toBe(pool.inMs(0));
      pool.pass(0);
      pool.pass(0);
      expect([pool.health.nextAtMs(), pool.health.usableCount()]).toEqual([null, 2_500]);
    });
  });

  describe('benching', () => {
    it('keeps a key from one model only, as long as the longest word on it', () => {
      health.bench(0, 'gone', pool.inMs(9_000));
      health.bench(0, 'gone', pool.inMs(1_000));
      expect([health.stateAt(0), health.restingCount('gone'), pool.offeredFor('gone')]).toEqual(['active', 1, [1, 2]]);
      pool.pass(8_999);
      expect(pool.offeredFor('gone')).toEqual([1, 2]);
      pool.pass(1);
      expect([health.restingCount('gone'), pool.offeredFor('gone')]).toEqual([0, [0, 1, 2]]);
    });

    it('is taken back, unless the key rests for that model', () => {
      health.bench(0, 'gone', pool.inMs(9_000));
      health.unbench(0, 'gone');
      expect(pool.offeredFor('gone')).toEqual([0, 1, 2]);
      health.cool(0, { model: 'slow', untilMs: pool.inMs(9_000) });
      health.unbench(0, 'slow');
      expect(pool.offeredFor('slow')).toEqual([1, 2]);
    });
  });

  describe('closing a model', () => {
    it('keeps all keys from it until the latest moment that was named', () => {
      health.closeModel('busy', pool.inMs(5_000));
      health.closeModel('busy', pool.inMs(1_000));
      expect([health.usableCount('busy'), health.restingCount('busy'), health.usableCount('quick')]).toEqual([0, 3, 3]);
      pool.pass(4_999);
      expect(health.isModelClosed('busy')).toBe(true);
      pool.pass(1);
      expect([health.isModelClosed('busy'), health.usableCount('busy')]).toEqual([false, 3]);
    });

    it('is remembered of 64 models', () => {
      for (let n = 0; n <= 64; n++) health.closeModel(`model-${n}`, pool.inMs(1_000));
      expect([health.isModelClosed('model-63'), health.isModelClosed('model-64')]).toEqual([true, false]);
    });
  });

  describe('probes', () => {
    it('fall due one by one, the earliest first', () => {
      health.enter(0, 'suspect');
      health.probeAt(0, pool.inMs(2_000));
      health.probeAt(1, pool.inMs(1_000));
      expect([health.nextProbeAtMs(), health.takeDueProbe()]).toEqual([pool.inMs(1_000), undefined]);
      pool.clock.advance(2_000);
      expect([health.takeDueProbe(), health.takeDueProbe(), health.takeDueProbe()]).toEqual([1, 0, undefined]);
      expect(health.nextProbeAtMs()).toBeNull();
    });

    it('are forgotten when the key comes to another state, or to a rest', () => {
      health.probeAt(0, pool.inMs(1_000));
      health.enter(0, 'manual');
      health.probeAt(1, pool.inMs(1_000));
      health.cool(1, { model: 'slow', untilMs: pool.inMs(1_000) });
      expect(health.nextProbeAtMs()).toBeNull();
    });
  });

  it('knows a key only at the revision that it has now', () => {
    const seen = { channelId: 1, ...health.seenAt(1) };
    expect(seen).toEqual({ channelId: 1, keyId: 2, index: 1, revision: 1 });
    expect([health.isCurrent(seen), health.isCurrent({ ...seen, revision: 2 })]).toEqual([true, false]);
    health.sync(aSnapshot({ index: 1, revision: 2 }));
    expect(health.isCurrent(seen)).toBe(false);
    health.sync(aSnapshot({ index: 1, revision: 2, ciphertext: null }));
    expect(health.isCurrent({ ...seen, revision: 2 })).toBe(false);
  });
});
