import { Injectable } from '@nestjs/common';
import { KeyChangeLock, type LockedChannel } from '../channels/key-change-lock';
import { type Transaction, Transactions } from '../database/transactions';
import { KeyChanges } from './key-changes';
import { KeysRepository } from './keys.repository';

type Work<T> = (transaction: Transaction, channel: LockedChannel) => Promise<T>;

/** Changes a channel's keys: one change at a time, all or nothing, the channel's status following, announced after commit. */
@Injectable()
export class KeyTransactions {
  constructor(
    private readonly transactions: Transactions,
    private readonly lock: KeyChangeLock,
    private readonly keys: KeysRepository,
    private readonly changes: KeyChanges,
  ) {}

  async change<T>(channelId: number, work: Work<T>): Promise<T> {
    const result = await this.transactions.runInTurn(`channel ${channelId}`, (transaction) =>
      this.within(transaction, channelId, work),
    );
    await this.changes.announce(channelId);
    return result;
  }

  /** Edits what requests do not see: in turn like any change, but there is nothing to announce. */
  async annotate(channelId: number, work: (transaction: Transaction) => Promise<void>): Promise<void> {
    await this.transactions.runInTurn(`channel ${channelId}`, async (transaction) => {
      await this.lock.hold(transaction, channelId);
      await work(transaction);
    });
  }

  /** The same as part of a larger transaction, whose owner announces it. */
  async within<T>(transaction: Transaction, channelId: number, work: Work<T>): Promise<T> {
    const channel = await this.lock.acquire(transaction, channelId);
    const result = await work(transaction, channel);
    await this.lock.settleStatus(transaction, channel, await this.keys.findPresence(transaction, channelId));
    return result;
  }
}
