import { Injectable } from '@nestjs/common';
import { ChannelNotFoundError } from './channels.errors';
import { ChannelsRepository } from './channels.repository';
import type { HealthSettings } from './health-settings';
import type { ProviderType } from './provider-type';
import type { SelectionMode } from './selection-mode';

/** What other features' answers say about a channel. */
export interface ChannelSummary {
  readonly id: number;
  readonly name: string;
  readonly type: ProviderType;
  readonly baseUrl: string;
  readonly settings: HealthSettings;
  readonly isMultiKey: boolean;
  readonly selectionMode: SelectionMode;
}

/** Tells other features about a channel. */
@Injectable()
export class ChannelReader {
  constructor(private readonly channels: ChannelsRepository) {}

  /** Throws a `ChannelNotFoundError`. */
  async getSummary(id: number): Promise<ChannelSummary> {
    const channel = await this.channels.find(id);
    if (!channel) throw new ChannelNotFoundError(id);
    const { name, type, baseUrl, settings, isMultiKey, selectionMode } = channel;
    return { id, name, type, baseUrl, settings, isMultiKey, selectionMode };
  }
}
