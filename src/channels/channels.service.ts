import { Injectable } from '@nestjs/common';
import { type Transaction, Transactions } from '../database/transactions';
import { haveSameOrigin } from './base-url';
import type { Channel } from './channel.entity';
import { ChannelAddresses } from './channel-addresses';
import type { CreateChannelDto, MultiKeySettingsDto, UpdateChannelDto } from './channel-input.dto';
import { ChannelKeys } from './channel-keys';
import { BaseUrlChangeNeedsKeysError, ChannelNotFoundError, ChannelNotMultiKeyError } from './channels.errors';
import { type ChannelFields, ChannelsRepository } from './channels.repository';
import { settledStatus } from './key-change-lock';
import { SELECTION_MODES } from './selection-mode';
import { STATUS } from './status';

/** What a new channel gets that is not said. */
const DEFAULTS: Omit<ChannelFields, 'name' | 'baseUrl'> = {
  type: 'openai',
  status: STATUS.enabled,
  isMultiKey: false,
  selectionMode: SELECTION_MODES.polling,
  models: [],
  modelMapping: {},
  priority: 0,
  weight: 1,
  settings: {},
  headerOverride: {},
  paramOverride: {},
};

/** Makes, changes and deletes channels; each call is one transaction together with the keys it carries. */
@Injectable()
export class ChannelsService {
  constructor(
    private readonly channels: ChannelsRepository,
    private readonly keys: ChannelKeys,
    private readonly transactions: Transactions,
    private readonly addresses: ChannelAddresses,
  ) {}

  /** Its id. */
  async create(dto: CreateChannelDto): Promise<number> {
    const baseUrl = this.addresses.acceptBaseUrl(dto.base_url);
    const id = await this.transactions.run(async (transaction) => {
      const created = await this.channels.insert(transaction, newChannel(dto, baseUrl));
      // The ciphertext is bound to the id.
      const proxy = this.addresses.acceptProxy({ id: created, proxyCiphertext: null }, dto.proxy);
      if (proxy.proxyCiphertext) await this.channels.update(transaction, created, proxy);
      if (dto.keys && dto.keys.length > 0) await this.bringKeys(transaction, created, dto.keys, dto.is_multi_key);
      return created;
    });
    await this.keys.announce(id);
    return id;
  }

  async update(id: number, dto: UpdateChannelDto): Promise<void> {
    await this.change(id, async (transaction, channel) => {
      const baseUrl = dto.base_url === undefined ? undefined : this.addresses.acceptBaseUrl(dto.base_url);
      if (baseUrl !== undefined) await this.refuseToCarryKeys(transaction, channel, { keys: dto.keys, baseUrl });
      await this.channels.update(transaction, id, {
        ...changedFields(dto, baseUrl),
        ...this.addresses.acceptProxy(channel, dto.proxy),
      });
      if (dto.keys) await this.keys.overwrite(transaction, id, dto.keys);
      if (dto.status === undefined) return;
      const status = settledStatus(dto.status, await this.keys.countWithin(transaction, id));
      await this.channels.update(transaction, id, { status });
    });
  }

  async delete(id: number): Promise<void> {
    await this.change(id, async (transaction) => {
      await this.keys.removeAll(transaction, id);
      await this.channels.update(transaction, id, { deletedAt: new Date() });
    });
  }

  async setMultiKey({ channel_id, is_multi_key, key_selection_mode }: MultiKeySettingsDto): Promise<void> {
    await this.change(channel_id, async (transaction) => {
      await this.channels.update(transaction, channel_id, {
        isMultiKey: is_multi_key,
        selectionMode: key_selection_mode,
      });
    });
  }

  /** Several keys make a new channel multi-key, unless that was ruled out; how many there are shows once they are read. */
  private async bringKeys(
    transaction: Transaction,
    id: number,
    keys: readonly string[],
    isMultiKey: boolean | undefined,
  ): Promise<void> {
    await this.channels.update(transaction, id, { isMultiKey: true });
    await this.keys.overwrite(transaction, id, keys);
    const { total } = await this.keys.countWithin(transaction, id);
    if (total > 1 && isMultiKey === false) throw new ChannelNotMultiKeyError(null);
    await this.channels.update(transaction, id, { isMultiKey: isMultiKey ?? total > 1 });
  }

  private async change(id: number, work: (transaction: Transaction, channel: Channel) => Promise<void>): Promise<void> {
    await this.transactions.runInTurn(`channel ${id}`, async (transaction) => {
      const channel = await this.channels.lock(transaction, id);
      if (!channel) throw new ChannelNotFoundError(id);
      await work(transaction, channel);
    });
    await this.keys.announce(id);
  }

  /** Stored keys were given for one destination: another one would read them. */
  private async refuseToCarryKeys(
    transaction: Transaction,
    channel: Channel,
    { keys, baseUrl }: { keys: string[] | undefined; baseUrl: string },
  ): Promise<void> {
    if (keys || haveSameOrigin(channel.baseUrl, baseUrl)) return;
    const { total } = await this.keys.countWithin(transaction, channel.id);
    if (total > 0) throw new BaseUrlChangeNeedsKeysError();
  }
}

function newChannel(dto: CreateChannelDto, baseUrl: string): ChannelFields {
  return { ...DEFAULTS, ...changedFields(dto, baseUrl), name: dto.name, baseUrl };
}

function changedFields(dto: Partial<CreateChannelDto>, baseUrl: string | undefined): Partial<ChannelFields> {
  const fields: { [K in keyof ChannelFields]?: ChannelFields[K] | undefined } = {
    name: dto.name,
    type: dto.type,
    baseUrl,
    isMultiKey: dto.is_multi_key,
    selectionMode: dto.key_selection_mode,
    models: dto.models && unique(dto.models),
    modelMapping: dto.model_mapping,
    priority: dto.priority,
    weight: dto.weight,
    settings: dto.settings,
    headerOverride: dto.header_override,
    paramOverride: dto.param_override,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function unique(models: readonly string[]): string[] {
  return [...new Set(models)];
}
