import type { HealthRegistry } from '../health/health-registry';
import { PoolHealth } from '../health/pool/pool-health';
import type { PoolListener } from '../health/pool/pool-listener';
import type { KeySnapshot } from '../keys/key-snapshots';
import { ManualClock } from '../../test/support/manual-clock';
import { KeyPool } from './key-pool';

const aKey: KeySnapshot = {
  index: 4,
  keyId: 9,
  revision: 1,
  state: 'active',
  code: null,
  model: null,
  lastsMs: null,
  probeInMs: null,
  failedProbes: 0,
  ciphertext: 'c',
};

describe(KeyPool, () => {
  const clock = new ManualClock();
  const registry: Pick<HealthRegistry, 'openPool'> = {
    openPool: (_channelId: number, listener: PoolListener) => new PoolHealth(listener, clock, () => undefined),
  };
  let pool: KeyPool;

  beforeEach(() => {
    pool = new KeyPool(registry, 1);
  });

  function fill(count: number): void {
    for (let index = 0; index < count; index++) pool.apply({ ...aKey, index, keyId: index + 1 });
  }

  function members(model: string): number[] {
    const ring = pool.ringFor(model);
    return [0, 1, 2, 3, 4, 5].filter((slot) => ring.has(slot));
  }

  it('offers a usable key and holds back one that is switched off', () => {
    pool.apply(aKey);
    expect([pool.ring.has(4), pool.ciphertextAt(4)]).toEqual([true, 'c']);
    pool.apply({ ...aKey, state: 'manual', revision: 2 });
    expect(pool.ring.has(4)).toBe(false);
  });

  it('forgets a deleted key, but not the one that took its place', () => {
    pool.apply(aKey);
    pool.apply({ ...aKey, ciphertext: null });
    expect([pool.ring.size, pool.ciphertextAt(4)]).toEqual([0, '']);
    pool.apply({ ...aKey, keyId: 10 });
    pool.apply({ ...aKey, ciphertext: null });
    expect([pool.ring.has(4), pool.ciphertextAt(4)]).toEqual([true, 'c']);
  });

  it('keeps a key from the one model that it rests for, until the rest is over', () => {
    fill(3);
    pool.health.cool(1, { model: 'slow', untilMs: clock.nowMs() + 1_000 });
    expect([members('slow'), members('quick')]).toEqual([
      [0, 2],
      [0, 1, 2],
    ]);
    clock.advance(1_000);
    pool.health.endDueRests();
    expect(pool.ringFor('slow')).toBe(pool.ring);
  });

  it('keeps what changes while a model has a ring of its own in both', () => {
    fill(3);
    pool.health.cool(1, { model: 'slow', untilMs: clock.nowMs() + 1_000 });
    pool.apply({ ...aKey, index: 0, keyId: 1, state: 'manual', revision: 2 });
    pool.apply({ ...aKey, index: 3, keyId: 4 });
    expect([members('slow'), members('quick')]).toEqual([
      [2, 3],
      [1, 2, 3],
    ]);
  });

  it('goes on with polling where it stood, whatever the model before', () => {
    fill(4);
    pool.health.bench(1, 'slow', clock.nowMs() + 1_000);
    pool.ring.cursor = 3;
    expect(pool.ringFor('slow').cursor).toBe(3);
  });

  it('has no key for a model that is closed', () => {
    fill(2);
    pool.health.closeModel('busy', clock.nowMs() + 1_000);
    expect([members('busy'), members('other')]).toEqual([[], [0, 1]]);
    clock.advance(1_001);
    pool.health.endDueRests();
    expect(members('busy')).toEqual([0, 1]);
  });
});
