import { Injectable } from '@nestjs/common';
import { Transactions } from '../database/transactions';
import { ChannelChanges } from './channel-changes';
import { ChannelNotFoundError } from './channels.errors';
import { ChannelsRepository } from './channels.repository';

/** How many models a channel may name, and how many characters one may have. */
export const MOST_MODELS = 1000;
export const LONGEST_MODEL_NAME = 200;

/** Replaces the models that a channel serves, on behalf of other features. */
@Injectable()
export class ChannelModels {
  constructor(
    private readonly channels: ChannelsRepository,
    private readonly transactions: Transactions,
    private readonly changes: ChannelChanges,
  ) {}

  /** Resolves with the models that they replaced once requests see the new ones. Throws a `ChannelNotFoundError`. */
  async replace(channelId: number, models: readonly string[]): Promise<readonly string[]> {
    const replaced = await this.transactions.runInTurn(`channel ${channelId}`, async (transaction) => {
      const channel = await this.channels.lock(transaction, channelId);
      if (!channel) throw new ChannelNotFoundError(channelId);
      await this.channels.update(transaction, channelId, { models: [...models] });
      return channel.models;
    });
    await this.changes.announce(channelId);
    return replaced;
  }
}
