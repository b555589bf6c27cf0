import type { ChannelRoute } from '../../channels/channel-route';
import type { AttemptFacts } from '../../health/attempt-facts';
import type { KeyHealth } from '../../health/key-health';
import type { PoolOutlook } from '../../health/pool-outlook';
import type { KeyPool } from '../../selector/key-pool';
import { KeyRing } from '../../selector/key-ring';
import type { PoolRegistry } from '../../selector/pool-registry';
import { UntriedKeys } from './untried-keys';

const RESTING = 2;

describe(UntriedKeys, () => {
  const ring = new KeyRing();
  for (const slot of [0, 1, 2]) ring.add(slot);
  const health: Partial<KeyHealth> = {
    outlook: () => ({ usable: 3, cooling: 4 }) as PoolOutlook,
    admits: (channelId) => channelId !== RESTING,
  };
  const pool: Partial<KeyPool> = { ringFor: (model) => (model === 'm' ? ring : new KeyRing()) };
  const pools: Partial<PoolRegistry> = { find: () => pool as KeyPool };
  const untried = new UntriedKeys(health as KeyHealth, pools as PoolRegistry);
  const tried = (index: number, channelId = 1, model = 'm'): AttemptFacts =>
    ({ channel: { id: channelId } as ChannelRoute, key: { index }, model }) as AttemptFacts;

  it.each<[string, AttemptFacts[], number]>([
    ['all when none was tried', [], 3],
    ['all but those that were tried and may be picked again', [tried(0), tried(2)], 1],
    ['those that are left when the tried ones were taken out', [tried(7), tried(8)], 3],
    ['those that are left when the tried one rests for this model', [tried(0, 1, 'other')], 3],
    ['those that are left when the channel of the tried one rests', [tried(0, RESTING)], 3],
  ])('counts as usable %s', (_, attempts, usable) => {
    expect(untried.outlook([], 'm', attempts)).toEqual({ usable, cooling: 4 });
  });
});
