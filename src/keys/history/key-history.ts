import { Injectable } from '@nestjs/common';
import { ChannelReader } from '../../channels/channel-reader';
import { KeyNotFoundError } from '../keys.errors';
import { KeysRepository } from '../keys.repository';
import { type KeyEventListDto, type ListKeyEventsDto, toKeyEventDto } from './key-event.dto';
import { KeyEventsRepository } from './key-events.repository';

/** Shows what became of a key, and why. */
@Injectable()
export class KeyHistory {
  constructor(
    private readonly channels: ChannelReader,
    private readonly keys: KeysRepository,
    private readonly events: KeyEventsRepository,
  ) {}

  /** Throws a `ChannelNotFoundError` or a `KeyNotFoundError`. */
  async list(channelId: number, index: number, { limit, before_id }: ListKeyEventsDto): Promise<KeyEventListDto> {
    await this.channels.getSummary(channelId);
    const key = await this.keys.findByIndex(channelId, index);
    if (!key) throw new KeyNotFoundError(channelId);
    // One more than is shown tells whether there are more.
    const events = await this.events.list(key.id, before_id, limit + 1);
    const items = events.slice(0, limit).map(toKeyEventDto);
    const next_before_id = events.length > limit ? (items.at(-1)?.id ?? null) : null;
    return { key_id: key.id, index, items, next_before_id };
  }
}
