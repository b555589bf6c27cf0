import { Injectable } from '@nestjs/common';
import { ChannelDirectory } from '../../channels/channel-directory';
import type { ChannelRoute } from '../../channels/channel-route';
import { type Dialect, DIALECTS } from '../../channels/dialect';
import { servedModels } from '../../channels/model-index';
import type { TokenGrant } from '../../tokens/token-directory';
import type { ListedModel } from './model-shapes';

/** Tells a token which models it may use now. */
@Injectable()
export class ModelList {
  constructor(private readonly channels: ChannelDirectory) {}

  /**
   * Sorted by id; of the channels that speak this dialect, or of all. A channel that serves any model adds those that the
   * token itself names.
   */
  list(token: TokenGrant, dialect: Dialect | null): ListedModel[] {
    const models = new Map<string, ListedModel>();
    for (const channel of this.channels.list()) {
      if (!channel.isEnabled || !mayUseChannel(token, channel)) continue;
      if (dialect !== null && channel.dialect !== dialect) continue;
      for (const id of modelsOf(channel, token)) {
        if (!models.has(id)) models.set(id, { id, created: channel.createdAt });
      }
    }
    return [...models.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  /** Also one that no channel names, where some serve it all the same; null when this token cannot use it. */
  find(token: TokenGrant, id: string, dialect: Dialect | null): ListedModel | null {
    const dialects = dialect === null ? DIALECTS : [dialect];
    const channel = dialects
      .flatMap((one) => this.channels.candidates(id, one))
      .find((candidate) => candidate.isEnabled && mayUseChannel(token, candidate));
    return channel && mayUseModel(token, id) ? { id, created: channel.createdAt } : null;
  }
}

export function mayUseChannel(token: TokenGrant, channel: ChannelRoute): boolean {
  return token.channelIds?.has(channel.id) ?? true;
}

export function mayUseModel(token: TokenGrant, model: string): boolean {
  return token.models?.has(model) ?? true;
}

function modelsOf(channel: ChannelRoute, token: TokenGrant): readonly string[] {
  const named = servedModels(channel).filter((model) => mayUseModel(token, model));
  if (!token.models) return named;
  const accepted =
    channel.models.length === 0
      ? token.models
      : [...token.models].filter((model) => channel.modelMapping.accepts(model));
  return [...named, ...accepted];
}
