import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { CoalescedRefresh } from '../common/coalesced-refresh';
import { unixSeconds } from '../common/unix-seconds';
import type { Channel } from './channel.entity';
import { ChannelChanges } from './channel-changes';
import { headersToOverride, paramsToOverride } from './channel-overrides';
import type { ChannelRoute } from './channel-route';
import { ChannelsRepository } from './channels.repository';
import type { Dialect } from './dialect';
import { ModelIndex } from './model-index';
import { ModelMapping } from './model-mapping';
import { dialectOf } from './providers';
import { ChannelProxies } from './proxy/channel-proxies';
import { STATUS } from './status';
import { DEFAULT_API_VERSION } from './upstream-path';

/** Every channel that requests may meet, in memory: by id, and by dialect and model in the order of priority. */
@Injectable()
export class ChannelDirectory implements OnApplicationBootstrap {
  private all: readonly ChannelRoute[] = [];
  private byId: ReadonlyMap<number, ChannelRoute> = new Map();
  private byDialect = indexByDialect([]);
  private readonly refresh = new CoalescedRefresh(async () => {
    this.replace((await this.channels.listServing()).map((channel) => toRoute(channel, this.proxies.open(channel))));
  });

  constructor(
    private readonly channels: ChannelsRepository,
    private readonly changes: ChannelChanges,
    private readonly proxies: ChannelProxies,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.changes.subscribe(() => this.reload());
    await this.reload();
  }

  /** The channels that speak this dialect and serve this model, the highest priority first. */
  candidates(model: string, dialect: Dialect): readonly ChannelRoute[] {
    return this.byDialect[dialect].find(model);
  }

  /** Null for a channel that is gone or switched off by an admin. */
  find(id: number): ChannelRoute | null {
    return this.byId.get(id) ?? null;
  }

  list(): readonly ChannelRoute[] {
    return this.all;
  }

  /** Resolves once a picture at least as new as this call is in force. */
  reload(): Promise<void> {
    return this.refresh.run();
  }

  private replace(routes: readonly ChannelRoute[]): void {
    const byPriority = [...routes].sort((one, other) => other.priority - one.priority || one.id - other.id);
    this.byDialect = indexByDialect(byPriority);
    this.byId = new Map(byPriority.map((route) => [route.id, route]));
    this.all = byPriority;
  }
}

function indexByDialect(routes: readonly ChannelRoute[]): Readonly<Record<Dialect, ModelIndex>> {
  const indexOf = (dialect: Dialect): ModelIndex => new ModelIndex(routes.filter((route) => route.dialect === dialect));
  return { openai: indexOf('openai'), anthropic: indexOf('anthropic'), gemini: indexOf('gemini') };
}

function toRoute(channel: Channel, proxy: string | null): ChannelRoute {
  const url = new URL(channel.baseUrl);
  const { settings } = channel;
  return {
    id: channel.id,
    name: channel.name,
    type: channel.type,
    dialect: dialectOf(channel.type),
    settings,
    origin: url.origin,
    basePath: url.pathname.replace(/\/+$/, ''),
    apiVersion: settings.api_version ?? DEFAULT_API_VERSION,
    proxy,
    isEnabled: channel.status === STATUS.enabled,
    isMultiKey: channel.isMultiKey,
    selectionMode: channel.selectionMode,
    models: channel.models,
    modelMapping: new ModelMapping(channel.modelMapping),
    headerOverride: headersToOverride(channel.headerOverride),
    paramOverride: paramsToOverride(channel.paramOverride),
    affinity: settings.affinity ?? false,
    streamUsage: settings.stream_usage ?? false,
    priority: channel.priority,
    weight: channel.weight,
    createdAt: unixSeconds(channel.createdAt),
    keyRevision: channel.keyRevision,
    keyGeneration: channel.keyGeneration,
  };
}
