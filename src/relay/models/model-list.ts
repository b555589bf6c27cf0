import { Injectable } from '@nestjs/common';
import { ChannelDirectory, servedModels } from '../../channels/channel-directory';
import type { ChannelRoute } from '../../channels/channel-route';
import type { TokenGrant } from '../../tokens/token-directory';

/** A model in the shape of the OpenAI API. */
export interface ListedModel {
  readonly id: string;
  readonly object: 'model';
  /** Unix seconds. */
  readonly created: number;
  readonly owned_by: string;
}

/** Tells a token which models it may use now. */
@Injectable()
export class ModelList {
  constructor(private readonly channels: ChannelDirectory) {}

  /** Sorted by id. A channel that serves any model adds those that the token itself names. */
  list(token: TokenGrant): ListedModel[] {
    const models = new Map<string, ListedModel>();
    for (const channel of this.channels.list()) {
      if (!channel.isEnabled || !mayUseChannel(token, channel)) continue;
      for (const id of modelsOf(channel, token)) {
        if (!models.has(id)) models.set(id, { id, object: 'model', created: channel.createdAt, owned_by: 'keymux' });
      }
    }
    return [...models.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
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
  return channel.models.length === 0 && token.models ? [...named, ...token.models] : named;
}
