import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { CoalescedRefresh } from '../common/coalesced-refresh';
import { unixSeconds } from '../common/unix-seconds';
import type { Channel } from './channel.entity';
import { ChannelChanges } from './channel-changes';
import type { ChannelRoute } from './channel-route';
import { ChannelsRepository } from './channels.repository';
import { STATUS } from './status';

/** Every channel that requests may meet, in memory: by id, and by model in the order of priority. */
@Injectable()
export class ChannelDirectory implements OnApplicationBootstrap {
  private all: readonly ChannelRoute[] = [];
  private byId: ReadonlyMap<number, ChannelRoute> = new Map();
  private byModel: ReadonlyMap<string, readonly ChannelRoute[]> = new Map();
  private forAnyModel: readonly ChannelRoute[] = [];
  private readonly refresh = new CoalescedRefresh(async () => {
    this.replace((await this.channels.listServing()).map(toRoute));
  });

  constructor(
    private readonly channels: ChannelsRepository,
    private readonly changes: ChannelChanges,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.changes.subscribe(() => this.reload());
    await this.reload();
  }

  /** The channels that serve this model, the highest priority first. */
  candidates(model: string): readonly ChannelRoute[] {
    return this.byModel.get(model) ?? this.forAnyModel;
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
    const byModel = new Map<string, ChannelRoute[]>(byPriority.flatMap(servedModels).map((model) => [model, []]));
    for (const route of byPriority) {
      const models = route.models.length === 0 ? byModel.keys() : new Set(servedModels(route));
      for (const model of models) byModel.get(model)?.push(route);
    }
    this.byModel = byModel;
    this.forAnyModel = byPriority.filter((route) => route.models.length === 0);
    this.byId = new Map(byPriority.map((route) => [route.id, route]));
    this.all = byPriority;
  }
}

/** The models that a channel names; one that names none serves any. */
export function servedModels(route: ChannelRoute): readonly string[] {
  return [...route.models, ...route.modelMapping.keys()];
}

function toRoute(channel: Channel): ChannelRoute {
  const url = new URL(channel.baseUrl);
  return {
    id: channel.id,
    name: channel.name,
    type: channel.type,
    settings: channel.settings,
    origin: url.origin,
    basePath: url.pathname.replace(/\/+$/, ''),
    isEnabled: channel.status === STATUS.enabled,
    isMultiKey: channel.isMultiKey,
    selectionMode: channel.selectionMode,
    models: channel.models,
    modelMapping: new Map(Object.entries(channel.modelMapping)),
    priority: channel.priority,
    weight: channel.weight,
    createdAt: unixSeconds(channel.createdAt),
    keyRevision: channel.keyRevision,
    keyGeneration: channel.keyGeneration,
  };
}
