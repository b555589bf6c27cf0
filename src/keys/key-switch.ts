import { Injectable } from '@nestjs/common';
import type { LockedChannel } from '../channels/key-change-lock';
import type { Status } from '../channels/status';
import type { Transaction } from '../database/transactions';
import { KeyImportRepository } from './key-import.repository';
import { type FoundKey, type KeySelection, KeySwitchRepository } from './key-switch.repository';
import { KeyStateRepository } from './key-state.repository';
import { KeyTransactions } from './key-transactions';
import { BatchNotFoundError, KeyNotFoundError } from './keys.errors';

/** What a switch found and did. */
export interface SwitchReport {
  readonly found: number;
  readonly affected: number;
  readonly unchanged: number;
  /** Indices asked for that no key has. */
  readonly notFound: readonly number[];
}

/** What an admin does to keys. */
export const SWITCH_ACTIONS = ['enable', 'disable', 'delete'] as const;

export type SwitchAction = (typeof SWITCH_ACTIONS)[number];

const NEWEST_BATCHES_NAMED = 5;

/** Enables, disables, deletes and annotates keys at an admin's word. */
@Injectable()
export class KeySwitch {
  constructor(
    private readonly transactions: KeyTransactions,
    private readonly rows: KeySwitchRepository,
    private readonly states: KeyStateRepository,
    private readonly imports: KeyImportRepository,
  ) {}

  /** Enabling by hand clears reason and cooldown, also of a key that was disabled automatically. */
  async switch(channelId: number, selection: KeySelection, isOn: boolean): Promise<SwitchReport> {
    return this.act(channelId, selection, isOn ? 'enable' : 'disable');
  }

  async delete(channelId: number, indices: readonly number[]): Promise<SwitchReport> {
    return this.act(channelId, { by: 'index', indices }, 'delete');
  }

  /** As part of a larger transaction, which has the channel locked and announces it; how many keys changed. */
  async actWithin(
    transaction: Transaction,
    channel: LockedChannel,
    action: SwitchAction,
    ids: readonly number[],
  ): Promise<number> {
    switch (action) {
      case 'enable':
        return this.states.enable(transaction, channel, ids, 'admin');
      case 'disable':
        return this.states.disable(transaction, channel, ids);
      case 'delete':
        return this.rows.remove(transaction, channel, ids);
    }
  }

  /** How many keys of this status there were. */
  async deleteByStatus(channelId: number, status: Status): Promise<number> {
    return this.transactions.change(channelId, async (transaction, channel) => {
      const keys = await this.rows.find(transaction, channel.id, { by: 'status', status });
      return this.rows.remove(transaction, channel, idsOf(keys));
    });
  }

  /** As part of a larger transaction, whose owner announces it. */
  async deleteAllWithin(transaction: Transaction, channelId: number): Promise<void> {
    await this.transactions.within(transaction, channelId, (_, channel) => this.rows.removeAll(transaction, channel));
  }

  async annotate(channelId: number, index: number, edit: { note?: string; balance?: number }): Promise<void> {
    await this.transactions.annotate(channelId, async (transaction) => {
      const keys = await this.findSome(transaction, channelId, { by: 'index', indices: [index] });
      for (const key of keys) await this.rows.annotate(transaction, key, edit);
    });
  }

  private async act(channelId: number, selection: KeySelection, action: SwitchAction): Promise<SwitchReport> {
    return this.transactions.change(channelId, async (transaction, channel) => {
      const keys = await this.findSome(transaction, channel.id, selection);
      return report(selection, keys, await this.actWithin(transaction, channel, action, idsOf(keys)));
    });
  }

  private async findSome(transaction: Transaction, channelId: number, selection: KeySelection): Promise<FoundKey[]> {
    const keys = await this.rows.find(transaction, channelId, selection);
    if (keys.length > 0) return keys;
    if (selection.by !== 'batch') throw new KeyNotFoundError(channelId);
    const newest = await this.imports.newestBatches(channelId, NEWEST_BATCHES_NAMED, transaction);
    throw new BatchNotFoundError(
      channelId,
      newest.map(({ name }) => name),
    );
  }
}

function idsOf(keys: readonly FoundKey[]): number[] {
  return keys.map(({ id }) => id);
}

function report(selection: KeySelection, keys: readonly FoundKey[], affected: number): SwitchReport {
  const found = new Set(keys.map(({ index }) => index));
  const asked = selection.by === 'index' ? [...new Set(selection.indices)] : [];
  return {
    found: keys.length,
    affected,
    unchanged: keys.length - affected,
    notFound: asked.filter((index) => !found.has(index)),
  };
}
