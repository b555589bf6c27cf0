import { Injectable } from '@nestjs/common';
import { ChannelModels } from '../channels/channel-models';
import { ChannelReader } from '../channels/channel-reader';
import { KeyReader } from '../keys/key-reader';
import type { ModelSyncDto } from './model-sync.dto';
import { ModelsNotListedError } from './model-sync.errors';
import { UpstreamModels } from './upstream-models';

/** Makes a channel serve the models that its upstream lists for the first enabled key. */
@Injectable()
export class ModelSync {
  constructor(
    private readonly channels: ChannelReader,
    private readonly keys: KeyReader,
    private readonly upstreams: UpstreamModels,
    private readonly models: ChannelModels,
  ) {}

  /** Throws a `ChannelNotFoundError`, a `KeyNotFoundError` or a `ModelsNotListedError`, and changes nothing then. */
  async sync(channelId: number, isApplied: boolean): Promise<ModelSyncDto> {
    await this.channels.getSummary(channelId);
    const key = await this.keys.get(channelId, undefined);
    const listed = await this.upstreams.list(key);
    if ('code' in listed) throw new ModelsNotListedError(channelId, listed);
    const before = isApplied ? await this.models.replace(channelId, listed) : key.upstream.models;
    return {
      models: listed,
      added: without(listed, before),
      removed: without(before, listed),
      applied: isApplied,
    };
  }
}

function without(models: readonly string[], others: readonly string[]): string[] {
  const excluded = new Set(others);
  return models.filter((model) => !excluded.has(model));
}
