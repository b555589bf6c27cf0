import { Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transactions';
import type { Channel } from './channel.entity';
import type { KeyCounts } from './channel-keys';
import { ChannelNotFoundError } from './channels.errors';
import { ChannelsRepository } from './channels.repository';
import { STATUS, type Status } from './status';

/** A channel whose keys this transaction alone may change. */
export interface LockedChannel {
  readonly id: number;
  readonly isMultiKey: boolean;
  readonly status: Status;
  readonly nextPosition: number;
  readonly generation: number;
  /** The number that every key row changed now must carry. */
  readonly revision: number;
}

/**
 * Puts the changes of one channel's keys in a row: revisions are handed out in the order of commit, so a reader that
 * remembers the last one it saw misses nothing.
 */
@Injectable()
export class KeyChangeLock {
  constructor(private readonly channels: ChannelsRepository) {}

  /** Holds the channel until the transaction ends. Throws a `ChannelNotFoundError`. */
  async acquire(transaction: Transaction, channelId: number): Promise<LockedChannel> {
    const channel = await this.hold(transaction, channelId);
    const { id, isMultiKey, status, nextPosition, keyGeneration: generation } = channel;
    const revision = channel.keyRevision + 1;
    await this.channels.update(transaction, id, { keyRevision: revision });
    return { id, isMultiKey, status, nextPosition, generation, revision };
  }

  /** The same for edits that no reader of keys must see: no revision is handed out. */
  async hold(transaction: Transaction, channelId: number): Promise<Channel> {
    const channel = await this.channels.lock(transaction, channelId);
    if (!channel) throw new ChannelNotFoundError(channelId);
    return channel;
  }

  /** Notes which position the next key takes, and whether positions were given out anew. */
  async movePositions(
    transaction: Transaction,
    { id }: LockedChannel,
    { nextPosition, generation }: Pick<LockedChannel, 'nextPosition' | 'generation'>,
  ): Promise<void> {
    await this.channels.update(transaction, id, { nextPosition, keyGeneration: generation });
  }

  async settleStatus(transaction: Transaction, channel: LockedChannel, counts: KeyCounts): Promise<void> {
    const status = settledStatus(channel.status, counts);
    if (status !== channel.status) await this.channels.update(transaction, channel.id, { status });
  }
}

/** A channel whose keys are all off is off too (3), and back (1) with its first key; one switched off by hand stays. */
export function settledStatus(status: Status, { total, enabled }: KeyCounts): Status {
  if (status === STATUS.disabledByHand) return status;
  return total === 0 || enabled > 0 ? STATUS.enabled : STATUS.disabledAutomatically;
}
