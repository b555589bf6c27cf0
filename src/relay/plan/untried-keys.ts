import { Injectable } from '@nestjs/common';
import type { ChannelRoute } from '../../channels/channel-route';
import type { AttemptFacts } from '../../health/attempt-facts';
import { KeyHealth } from '../../health/key-health';
import type { PoolOutlook } from '../../health/pool-outlook';
import { PoolRegistry } from '../../selector/pool-registry';

/** Tells what a request that failed has left: the keys that it tried are no longer an outlook for it. */
@Injectable()
export class UntriedKeys {
  constructor(
    private readonly health: KeyHealth,
    private readonly pools: PoolRegistry,
  ) {}

  /** As `KeyHealth.outlook`, but of the usable keys only those that were not tried. */
  outlook(channels: readonly ChannelRoute[], model: string, tried: readonly AttemptFacts[]): PoolOutlook {
    const outlook = this.health.outlook(channels, model);
    const usableTried = tried.filter((attempt) => this.isStillUsable(attempt)).length;
    return { ...outlook, usable: outlook.usable - usableTried };
  }

  private isStillUsable({ channel: { id }, key, model }: AttemptFacts): boolean {
    return this.health.admits(id) && this.pools.find(id)?.ringFor(model).has(key.index) === true;
  }
}
