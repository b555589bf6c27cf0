import { Injectable } from '@nestjs/common';
import type { Channel } from './channel.entity';
import { type ChannelDto, type ChannelPageDto, toChannelDto } from './channel.dto';
import { ChannelBreakers } from './channel-breakers';
import type { ListChannelsDto } from './channel-input.dto';
import { ChannelKeys, type KeyCounts } from './channel-keys';
import { ChannelNotFoundError } from './channels.errors';
import { ChannelsRepository } from './channels.repository';
import { ChannelProxies } from './proxy/channel-proxies';

/** Shows channels with the number of their keys and the state of their breakers. */
@Injectable()
export class ChannelViews {
  constructor(
    private readonly channels: ChannelsRepository,
    private readonly keys: ChannelKeys,
    private readonly breakers: ChannelBreakers,
    private readonly proxies: ChannelProxies,
  ) {}

  async list({ page, page_size, status, keyword }: ListChannelsDto): Promise<ChannelPageDto> {
    const [channels, total] = await this.channels.listPage({ status, keyword }, page, page_size);
    const counts = await this.keys.countByChannel(channels.map(({ id }) => id));
    return { items: channels.map((channel) => this.show(channel, counts)), total, page, page_size };
  }

  /** Throws a `ChannelNotFoundError`. */
  async get(id: number): Promise<ChannelDto> {
    const channel = await this.channels.find(id);
    if (!channel) throw new ChannelNotFoundError(id);
    return this.show(channel, await this.keys.countByChannel([id]));
  }

  private show(channel: Channel, counts: ReadonlyMap<number, KeyCounts>): ChannelDto {
    return toChannelDto(channel, {
      counts: counts.get(channel.id),
      breaker: this.breakers.view(channel.id),
      proxy: this.proxies.show(channel),
    });
  }
}
