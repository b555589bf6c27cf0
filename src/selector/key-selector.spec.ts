import { Test } from '@nestjs/testing';
import type { ChannelRoute } from '../channels/channel-route';
import { SELECTION_MODES } from '../channels/selection-mode';
import type { KeyHealth } from '../health/key-health';
import { PoolHealth } from '../health/pool/pool-health';
import type { PoolListener } from '../health/pool/pool-listener';
import type { KeySecrets } from '../keys/key-secrets';
import type { KeySnapshot } from '../keys/key-snapshots';
import { ManualClock } from '../../test/support/manual-clock';
import { KeyPool } from './key-pool';
import { KeySelector } from './key-selector';
import { PollingStrategy } from './polling.strategy';
import type { PoolRegistry } from './pool-registry';
import { RandomSource } from './random-source';
import { RandomStrategy } from './random.strategy';
import { strategyProviders } from './selection-strategies';
import type { SelectionStrategy } from './selection-strategy';
import { SELECTION_STRATEGIES } from './selector.tokens';

const ORIGIN = 'https://upstream.test';
const MODEL = 'a-model';

function aSnapshot(index: number): KeySnapshot {
  const reason = { code: null, model: null, lastsMs: null, probeInMs: null, failedProbes: 0 };
  return { index, keyId: index + 1, revision: 1, state: 'active', ...reason, ciphertext: 'c' };
}

describe(KeySelector, () => {
  const unreadable = new Set<number>();
  const resting = new Set<number>();
  const secrets = {
    reveal: (_: string, { keyId }: { keyId: number }) => (unreadable.has(keyId) ? null : `secret ${keyId}`),
  } as Partial<KeySecrets> as KeySecrets;

  function aSelector(keyCount: number): { selector: KeySelector; pool: KeyPool } {
    const clock = new ManualClock();
    const registry = {
      openPool: (_: number, listener: PoolListener) => new PoolHealth(listener, clock, () => undefined),
    };
    const pool = new KeyPool(registry, 1);
    pool.origin = ORIGIN;
    for (let index = 0; index < keyCount; index++) pool.apply(aSnapshot(index));
    const pools = { find: (id: number) => (id === 1 ? pool : null) } as PoolRegistry;
    const strategies = [new PollingStrategy(), new RandomStrategy(new RandomSource())];
    const health = { admits: (id: number) => !resting.has(id) } as KeyHealth;
    return { selector: new KeySelector(pools, secrets, health, strategies), pool };
  }

  const aChannel = (fields: Partial<ChannelRoute> = {}): ChannelRoute =>
    ({ id: 1, origin: ORIGIN, isMultiKey: true, selectionMode: SELECTION_MODES.polling, ...fields }) as ChannelRoute;

  beforeEach(() => {
    unreadable.clear();
    resting.clear();
  });

  it('leases nothing from a channel that rests', () => {
    const { selector } = aSelector(2);
    resting.add(1);
    expect(selector.lease(aChannel(), [], MODEL)).toBeNull();
  });

  it('leases keys by the mode of the channel', () => {
    const { selector } = aSelector(3);
    const indices = [0, 1, 2, 3].map(() => selector.lease(aChannel(), [], MODEL)?.index);
    expect(indices).toEqual([0, 1, 2, 0]);
    expect(selector.lease(aChannel({ selectionMode: SELECTION_MODES.random }), [0, 1], MODEL)?.index).toBe(2);
  });

  it('leases nothing where no key is left, or none was ever', () => {
    const { selector } = aSelector(2);
    expect(selector.lease(aChannel(), [0, 1], MODEL)).toBeNull();
    expect(selector.lease(aChannel({ id: 2 }), [], MODEL)).toBeNull();
  });

  it('leases no key to a channel that points elsewhere than the keys were given for', () => {
    const { selector } = aSelector(2);
    expect(selector.lease(aChannel({ origin: 'https://elsewhere.test' }), [], MODEL)).toBeNull();
    expect(selector.lease(aChannel(), [], MODEL)).not.toBeNull();
  });

  it('serves only the lowest usable index of a channel that is not multi-key', () => {
    const { selector, pool } = aSelector(3);
    pool.ring.delete(0);
    const single = aChannel({ isMultiKey: false });
    expect([1, 2, 3].map(() => selector.lease(single, [], MODEL)?.index)).toEqual([1, 1, 1]);
    expect(selector.lease(single, [1], MODEL)).toBeNull();
    pool.ring.delete(1);
    expect(selector.lease(single, [1], MODEL)?.index).toBe(2);
    pool.ring.delete(2);
    expect(selector.lease(single, [1, 2], MODEL)).toBeNull();
  });

  it('takes out a key that cannot be decrypted and goes on to the next', () => {
    const { selector, pool } = aSelector(3);
    unreadable.add(1);
    expect(selector.lease(aChannel(), [], MODEL)).toMatchObject({ index: 1, keyId: 2, secret: 'secret 2' });
    expect(pool.ring.has(0)).toBe(false);
  });

  describe('asked for one key', () => {
    it('leases that key and no other, and leaves polling where it stands', () => {
      const { selector, pool } = aSelector(4);
      selector.lease(aChannel(), [], MODEL);
      expect(selector.leaseKey(aChannel(), 4, MODEL, [])).toMatchObject({ index: 3, keyId: 4, secret: 'secret 4' });
      expect(selector.leaseKey(aChannel(), 1, null, [])?.index).toBe(0);
      expect(pool.ring.cursor).toBe(1);
      expect(selector.lease(aChannel(), [], MODEL)?.index).toBe(1);
    });

    it('leases it past the mode of a channel that serves by its lowest key', () => {
      const { selector } = aSelector(3);
      expect(selector.leaseKey(aChannel({ isMultiKey: false }), 3, MODEL, [])?.index).toBe(2);
    });

    it('leases nothing when the key is unknown, tried, off or deleted', () => {
      const { selector, pool } = aSelector(4);
      pool.apply({ ...aSnapshot(1), state: 'manual', revision: 2 });
      pool.apply({ ...aSnapshot(2), ciphertext: null, revision: 3 });
      const leases = [9, 1, 2, 3].map((keyId) => selector.leaseKey(aChannel(), keyId, null, [0]));
      expect(leases).toEqual([null, null, null, null]);
      expect(selector.leaseKey(aChannel(), 4, null, [0])?.index).toBe(3);
    });

    it('leases a key that came after the first such question', () => {
      const { selector, pool } = aSelector(1);
      expect(selector.leaseKey(aChannel(), 2, null, [])).toBeNull();
      pool.apply(aSnapshot(1));
      expect(selector.leaseKey(aChannel(), 2, null, [])?.index).toBe(1);
    });

    it('leases a key that rests for one model to other models, and where no model is named', () => {
      const { selector, pool } = aSelector(2);
      pool.health.cool(1, { model: MODEL, untilMs: Infinity });
      const leases = [MODEL, 'another', null].map((model) => selector.leaseKey(aChannel(), 2, model, []));
      expect(leases.map((lease) => lease?.index)).toEqual([undefined, 1, 1]);
    });

    it('leases nothing from a channel that rests, points elsewhere or has no pool', () => {
      const { selector } = aSelector(2);
      expect(selector.leaseKey(aChannel({ origin: 'https://elsewhere.test' }), 1, null, [])).toBeNull();
      expect(selector.leaseKey(aChannel({ id: 2 }), 1, null, [])).toBeNull();
      resting.add(1);
      expect(selector.leaseKey(aChannel(), 1, null, [])).toBeNull();
    });

    it('takes it out when it cannot be decrypted, and leases nothing', () => {
      const { selector, pool } = aSelector(2);
      unreadable.add(1);
      expect(selector.leaseKey(aChannel(), 1, null, [])).toBeNull();
      expect(pool.ring.has(0)).toBe(false);
    });
  });
});

describe('SELECTION_STRATEGIES', () => {
  it('has exactly one strategy for each mode', async () => {
    const module = await Test.createTestingModule({ providers: strategyProviders }).compile();
    const strategies = module.get<SelectionStrategy[]>(SELECTION_STRATEGIES);
    expect(strategies.map(({ mode }) => mode).sort()).toEqual(Object.values(SELECTION_MODES).sort());
  });
});
