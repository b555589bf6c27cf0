import { Injectable } from '@nestjs/common';
import { ChannelReader, type ChannelSummary } from '../channels/channel-reader';
import type { Status } from '../channels/status';
import { unixSeconds } from '../common/unix-seconds';
import type { ChannelKey } from './channel-key.entity';
import { toKeyDto } from './key.dto';
import { KeyImportRepository } from './key-import.repository';
import type { KeyState } from './key-state';
import type { BatchListDto, KeyDetailsDto, KeyStatsDto, ListKeysDto } from './key-views.dto';
import { type KeyFilter, KeysRepository } from './keys.repository';

const MOST_KEYS_UNPAGED = 10_000;
const MOST_BATCHES = 100;

/** Which keys a list shows: all of them, as far as one answer holds them, or one page. */
interface KeyPage {
  readonly page?: number;
  readonly page_size: number;
}

/** How much of all keys a list shows, as answers say it. */
interface Paging {
  readonly total?: number;
  readonly page?: number;
  readonly page_size?: number;
  readonly truncated?: boolean;
}

/** One key as other features show it, as it is stored; masked. */
export interface ListedKey {
  readonly keyId: number;
  readonly index: number;
  readonly revision: number;
  readonly mask: string;
  readonly status: Status;
  readonly state: KeyState;
  /** When the state ends by itself. */
  readonly until: Date | null;
  readonly usage: number;
  readonly lastUsed: Date | null;
}

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
    const { rows, paging } = await this.readPage(channelId, filterOf(query), query);
    return {
      channel_id: channelId,
      channel_name: channel.name,
      is_multi_key: channel.isMultiKey,
      selection_mode: channel.selectionMode,
      total_keys: totalKeys,
      keys: rows.map(toKeyDto),
      ...paging,
    };
  }

  /** As `details`, for other features. */
  async list(
    channelId: number,
    page: KeyPage,
  ): Promise<{ channel: ChannelSummary; keys: ListedKey[]; paging: Paging }> {
    const channel = await this.channels.getSummary(channelId);
    const { rows, paging } = await this.readPage(channelId, {}, page);
    return { channel, keys: rows.map(toListedKey), paging };
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

  private async readPage(
    channelId: number,
    filter: KeyFilter,
    { page, page_size }: KeyPage,
  ): Promise<{ rows: ChannelKey[]; paging: Paging }> {
    if (page !== undefined) {
      const [rows, total] = await this.keys.listPage(channelId, filter, (page - 1) * page_size, page_size);
      return { rows, paging: { total, page, page_size } };
    }
    const [rows, total] = await this.keys.listPage(channelId, filter, 0, MOST_KEYS_UNPAGED);
    return { rows, paging: total > rows.length ? { truncated: true } : {} };
  }
}

function filterOf({ status, batch_id, q }: ListKeysDto): KeyFilter {
  return { status, batch: batch_id, text: q };
}

function toListedKey(key: ChannelKey): ListedKey {
  const { id, position, revision, mask, status, state, until, usage, lastUsed } = key;
  return { keyId: id, index: position, revision, mask, status, state, until, usage, lastUsed };
}
