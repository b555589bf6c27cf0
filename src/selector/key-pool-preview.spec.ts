import type { HealthRegistry } from '../health/health-registry';
import { PoolHealth } from '../health/pool/pool-health';
import type { PoolListener } from '../health/pool/pool-listener';
import type { KeySnapshot } from '../keys/key-snapshots';
import { ManualClock } from '../../test/support/manual-clock';
import { KeyPool } from './key-pool';
import { PollingStrategy } from './polling.strategy';

const aKey: KeySnapshot = {
  index: 0,
  keyId: 1,
  revision: 1,
  state: 'active',
  code: null,
  model: null,
  lastsMs: null,
  probeInMs: null,
  failedProbes: 0,
  ciphertext: 'c',
};

describe('the preview of a key pool', () => {
  const clock = new ManualClock();
  const registry: Pick<HealthRegistry, 'openPool'> = {
    openPool: (_channelId: number, listener: PoolListener) => new PoolHealth(listener, clock, () => undefined),
  };
  const polling = new PollingStrategy();
  let pool: KeyPool;

  beforeEach(() => {
    pool = new KeyPool(registry, 1);
  });

  function fill(...slots: readonly number[]): void {
    for (const index of slots) pool.apply({ ...aKey, index, keyId: index + 1 });
  }

  function poll(model: string): number {
    const ring = pool.ringFor(model);
    const slot = polling.pick(ring, []);
    pool.ring.cursor = ring.cursor;
    return slot;
  }

  it('is what polling takes next, over the end of the lap', () => {
    fill(0, 2, 3, 40);
    poll('any');
    poll('any');
    const expected = pool.preview('any', 6);
    expect(expected).toEqual([3, 40, 0, 2, 3, 40]);
    expect(Array.from({ length: 6 }, () => poll('any'))).toEqual(expected);
  });

  it('takes nothing', () => {
    fill(0, 1, 2);
    poll('any');
    pool.preview('any', 2);
    expect(pool.preview('any', 2)).toEqual([1, 2]);
    expect(pool.ring.cursor).toBe(1);
  });

  it('repeats the only key', () => {
    fill(7);
    expect(pool.preview('any', 3)).toEqual([7, 7, 7]);
  });

  it('leaves out the keys that rest for the model, and only for that model', () => {
    fill(0, 1, 2);
    pool.health.bench(1, 'slow', clock.nowMs() + 1_000);
    expect([pool.preview('slow', 3), pool.preview('quick', 3)]).toEqual([
      [0, 2, 0],
      [0, 1, 2],
    ]);
    expect([poll('slow'), pool.preview('quick', 2), poll('slow'), pool.preview('slow', 1)]).toEqual([
      0,
      [1, 2],
      2,
      [0],
    ]);
  });

  it('is empty without a usable key, and for a model that is closed', () => {
    expect(pool.preview('any', 5)).toEqual([]);
    fill(0, 1);
    pool.health.closeModel('busy', clock.nowMs() + 1_000);
    expect([pool.preview('busy', 2), pool.preview('other', 2)]).toEqual([[], [0, 1]]);
  });
});
