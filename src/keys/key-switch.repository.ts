import { Injectable } from '@nestjs/common';
import type { LockedChannel } from '../channels/key-change-lock';
import type { Status } from '../channels/status';
import type { Transaction } from '../database/transactions';

/** Which keys of a channel are meant. */
export type KeySelection =
  | { readonly by: 'index'; readonly indices: readonly number[] }
  | { readonly by: 'id'; readonly keyId: number }
  | { readonly by: 'batch'; readonly batch: string }
  | { readonly by: 'status'; readonly status: Status };

/** A key as a switch finds it. */
export interface FoundKey {
  readonly id: number;
  readonly index: number;
}

const CONDITIONS: Readonly<Record<KeySelection['by'], string>> = {
  index: 'position = ANY($2::int[])',
  id: 'id = $2::bigint',
  batch: 'import_batch = $2::text',
  status: 'status = $2::smallint',
};

/** Finds, removes and annotates keys of a locked channel. */
@Injectable()
export class KeySwitchRepository {
  async find(transaction: Transaction, channelId: number, selection: KeySelection): Promise<FoundKey[]> {
    const rows = await transaction.query<{ id: string; position: number }[]>(
      `SELECT id, position FROM channel_keys
       WHERE channel_id = $1 AND ${CONDITIONS[selection.by]} AND deleted_at IS NULL ORDER BY position`,
      [channelId, operandOf(selection)],
    );
    return rows.map(({ id, position }) => ({ id: Number(id), index: position }));
  }

  /** Takes the keys out of the channel for good and forgets their secrets; how many there were. */
  async remove(transaction: Transaction, channel: LockedChannel, ids: readonly number[]): Promise<number> {
    return affectedRows(
      transaction,
      `UPDATE channel_keys SET deleted_at = now(), secret_ciphertext = NULL, revision = $2
       WHERE id = ANY($1::bigint[]) AND deleted_at IS NULL`,
      [ids, channel.revision],
    );
  }

  async removeAll(transaction: Transaction, channel: LockedChannel): Promise<void> {
    await transaction.query(
      `UPDATE channel_keys SET deleted_at = now(), secret_ciphertext = NULL, revision = $2
       WHERE channel_id = $1 AND deleted_at IS NULL`,
      [channel.id, channel.revision],
    );
  }

  /** Notes and balances are for people: requests do not see them, so the revision stays. */
  async annotate(transaction: Transaction, key: FoundKey, edit: { note?: string; balance?: number }): Promise<void> {
    await transaction.query(
      'UPDATE channel_keys SET note = coalesce($2, note), balance = coalesce($3, balance) WHERE id = $1',
      [key.id, edit.note ?? null, edit.balance ?? null],
    );
  }
}

function operandOf(selection: KeySelection): unknown {
  switch (selection.by) {
    case 'index':
      return selection.indices;
    case 'id':
      return selection.keyId;
    case 'batch':
      return selection.batch;
    case 'status':
      return selection.status;
  }
}

/** TypeORM answers an UPDATE with the rows it returns and their number. */
async function affectedRows(transaction: Transaction, sql: string, parameters: unknown[]): Promise<number> {
  const [, affected] = await transaction.query<[unknown[], number]>(sql, parameters);
  return affected;
}
