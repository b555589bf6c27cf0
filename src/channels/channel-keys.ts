import type { Transaction } from '../database/transactions';

/** How many keys a channel has, and how many of them may serve. */
export interface KeyCounts {
  readonly total: number;
  readonly enabled: number;
}

/** What the channels' own calls need of the keys; the keys feature provides it, and app.module binds the two. */
export abstract class ChannelKeys {
  abstract countByChannel(channelIds: readonly number[]): Promise<ReadonlyMap<number, KeyCounts>>;

  abstract countWithin(transaction: Transaction, channelId: number): Promise<KeyCounts>;

  /** Makes these the channel's keys, as an overwrite import does. */
  abstract overwrite(transaction: Transaction, channelId: number, keys: readonly string[]): Promise<void>;

  abstract removeAll(transaction: Transaction, channelId: number): Promise<void>;

  /** Says after commit that the keys of this channel changed. */
  abstract announce(channelId: number): Promise<void>;
}
