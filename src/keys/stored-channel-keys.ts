import { Injectable } from '@nestjs/common';
import { ChannelKeys, type KeyCounts } from '../channels/channel-keys';
import type { Transaction } from '../database/transactions';
import { KeyChanges } from './key-changes';
import { KeyImporter } from './key-importer';
import { KeySwitch } from './key-switch';
import { KeysRepository } from './keys.repository';

/** The channels' view of the keys in the database. */
@Injectable()
export class StoredChannelKeys extends ChannelKeys {
  constructor(
    private readonly keys: KeysRepository,
    private readonly importer: KeyImporter,
    private readonly keySwitch: KeySwitch,
    private readonly changes: KeyChanges,
  ) {
    super();
  }

  countByChannel(channelIds: readonly number[]): Promise<ReadonlyMap<number, KeyCounts>> {
    return this.keys.countByChannel(channelIds);
  }

  countWithin(transaction: Transaction, channelId: number): Promise<KeyCounts> {
    return this.keys.countWithin(transaction, channelId);
  }

  overwrite(transaction: Transaction, channelId: number, keys: readonly string[]): Promise<void> {
    return this.importer.overwriteWithin(transaction, channelId, keys);
  }

  removeAll(transaction: Transaction, channelId: number): Promise<void> {
    return this.keySwitch.deleteAllWithin(transaction, channelId);
  }

  announce(channelId: number): Promise<void> {
    return this.changes.announce(channelId);
  }
}
