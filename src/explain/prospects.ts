import { Injectable } from '@nestjs/common';
import { type BreakerView, ChannelBreakers } from '../channels/channel-breakers';
import { ChannelDirectory } from '../channels/channel-directory';
import type { ChannelRoute } from '../channels/channel-route';
import type { Dialect } from '../channels/dialect';
import { HealthRegistry } from '../health/health-registry';
import type { KeyPool } from '../selector/key-pool';
import { PoolRegistry } from '../selector/pool-registry';

/** One channel as the relay meets it, in a request for one model or whatever the model. */
export interface Prospect {
  readonly channelId: number;
  /** Null: switched off by an admin. */
  readonly route: ChannelRoute | null;
  readonly isListed: boolean;
  /** Null when no model was asked for, or the channel is switched off. */
  readonly upstreamModel: string | null;
  /** Null as long as its keys are not in memory. */
  readonly pool: KeyPool | null;
  readonly breaker: BreakerView;
}

/** Tells how channels stand in the memory of this process; moves nothing. */
@Injectable()
export class Prospects {
  constructor(
    private readonly directory: ChannelDirectory,
    private readonly pools: PoolRegistry,
    private readonly health: HealthRegistry,
    private readonly breakers: ChannelBreakers,
  ) {}

  of(channelId: number, model: string | null): Prospect {
    const route = this.directory.find(channelId);
    return {
      channelId,
      route,
      isListed: route !== null && this.candidates(model, route.dialect).includes(route),
      upstreamModel: model !== null && route ? route.modelMapping.map(model) : null,
      pool: this.poolOf(channelId, route),
      breaker: this.breakers.view(channelId),
    };
  }

  /** The other channels that speak the same dialect and serve this model, in the order of the relay. */
  besides(channelId: number, model: string | null): Prospect[] {
    const dialect = this.directory.find(channelId)?.dialect ?? 'openai';
    const others = this.candidates(model, dialect).filter(({ id }) => id !== channelId);
    return others.map(({ id }) => this.of(id, model));
  }

  /** How long until a key comes back or is probed; null when nothing of that is to come. */
  nextFullerInMs({ channelId, pool, upstreamModel }: Prospect): number | null {
    if (!pool) return null;
    const restMs = pool.health.soonestMs(upstreamModel ?? ANY_MODEL) ?? Infinity;
    const isProbed = this.health.policyOf(channelId).autoProbe;
    const probeMs = (isProbed ? pool.health.nextProbeAtMs() : null) ?? Infinity;
    const soonestMs = Math.min(restMs, probeMs);
    return soonestMs === Infinity ? null : Math.max(0, Math.round(soonestMs - this.health.nowMs()));
  }

  private candidates(model: string | null, dialect: Dialect): readonly ChannelRoute[] {
    return model === null
      ? this.directory.list().filter((route) => route.dialect === dialect)
      : this.directory.candidates(model, dialect);
  }

  private poolOf(channelId: number, route: ChannelRoute | null): KeyPool | null {
    const pool = this.pools.find(channelId);
    // As the selector: keys given for one destination are not those of another.
    return route && pool?.origin !== route.origin ? null : pool;
  }
}

/** No key rests for this one alone: what is left is what any model finds. */
export const ANY_MODEL = '';
