import { Injectable } from '@nestjs/common';
import { ChannelReader } from '../channels/channel-reader';
import { unixSeconds } from '../common/unix-seconds';
import { toKeyDto } from './key.dto';
import { KeyImportRepository } from './key-import.repository';
import type { BatchListDto, KeyDetailsDto, KeyStatsDto, ListKeysDto } from './key-views.dto';
import { type KeyFilter, KeysRepository } from './keys.repository';

const MOST_KEYS_UNPAGED = 10_000;
const MOST_BATCHES = 100;

/** Shows a channel's keys, masked, and their counts. */
@Injectable()
export class KeyViews {
  constructor(
    private readonly channels: ChannelReader,
    private readonly keys: KeysRepository,
    private readonly imports: KeyImportRepository,
  ) {}

  async details(channelId: number, query: ListKeysDto): Promise<KeyDetailsDto> {
    const channel = await this.channels.getSummary(channelId);
    const { total: totalKeys } = await this.keys.countStates(channelId);
    const { page, page_size } = query;
    const skip = page === undefined ? 0 : (page - 1) * page_size;
    const take = page === undefined ? MOST_KEYS_UNPAGED : page_size;
    const [rows, total] = await this.keys.listPage(channelId, filterOf(query), skip, take);
    return {
      channel_id: channelId,
      channel_name: channel.name,
      is_multi_key: channel.isMultiKey,
      selection_mode: channel.selectionMode,
      total_keys: totalKeys,
      keys: rows.map(toKeyDto),
      ...(page !== undefined && { total, page, page_size }),
      ...(page === undefined && total > rows.length && { truncated: true }),
    };
  }

  async stats(channelId: number): Promise<KeyStatsDto> {
    const channel = await this.channels.getSummary(channelId);
    const { total, enabled, manual, automatic, cooling } = await this.keys.countStates(channelId);
    return {
      total_keys: total,
      enabled_keys: enabled,
      disabled_keys: total - enabled,
      is_multi_key: channel.isMultiKey,
      selection_mode: channel.selectionMode,
      manually_disabled_keys: manual,
      auto_disabled_keys: automatic,
      cooling_keys: cooling,
    };
  }

  async batches(channelId: number): Promise<BatchListDto> {
    await this.channels.getSummary(channelId);
    const batches = await this.imports.newestBatches(channelId, MOST_BATCHES);
    const items = batches.map(({ name, importedCount, createdAt }) => ({
      batch_id: name,
      imported_count: importedCount,
      created_at: unixSeconds(createdAt),
    }));
    return { items };
  }
}

function filterOf({ status, batch_id, q }: ListKeysDto): KeyFilter {
  return { status, batch: batch_id, text: q };
}
