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

const NO_REASON = `status_code = NULL, status_detail = NULL, status_http = NULL, status_model = NULL,
  until = NULL, next_probe_at = NULL, status_since = now()`;

/** The columns of a key that serves: enabling clears reason, cooldown and probe. */
export const ENABLED_STATE = `status = 1, ${NO_REASON}`;

// An enabled key that is cooling counts as changed too: enabling by hand ends the cooldown.
const SWITCHES = {
  enable: { set: ENABLED_STATE, unless: 'status = 1 AND until IS NULL' },
  disable: { set: `status = 2, ${NO_REASON}`, unless: 'status = 2' },
} as const;

/** Switches and removes keys of a locked channel by conditional updates. */
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

  /** How many of these keys were not yet so. */
  async switch(
    transaction: Transaction,
    channel: LockedChannel,
    keys: readonly FoundKey[],
    isOn: boolean,
  ): Promise<number> {
    const { set, unless } = isOn ? SWITCHES.enable : SWITCHES.disable;
    return affectedRows(
      transaction,
      `UPDATE channel_keys SET ${set}, revision = $2 WHERE id = ANY($1::bigint[]) AND NOT (${unless})`,
      [keys.map(({ id }) => id), channel.revision],
    );
  }

  /** Takes the keys out of the channel for good and forgets their secrets; how many there were. */
  async remove(transaction: Transaction, channel: LockedChannel, keys: readonly FoundKey[]): Promise<number> {
    return affectedRows(
      transaction,
      `UPDATE channel_keys SET deleted_at = now(), secret_ciphertext = NULL, revision = $2
       WHERE id = ANY($1::bigint[]) AND deleted_at IS NULL`,
      [keys.map(({ id }) => id), channel.revision],
    );
  }

  async removeAll(transaction: Transaction, channel: LockedChannel): Promise<void> {
    await transaction.query(
      `UPDATE channel_keys SET deleted_at = now(), secret_ciphertext = NULL, revision = $2
       WHERE channel_id = $1 AND deleted_at IS NULL`,
      [channel.id, channel.revision],
    );
  }

  /** Takes a key out that cannot be decrypted; one that was switched off or sealed anew meanwhile is another matter. */
  async markUnreadable(
    transaction: Transaction,
    channel: LockedChannel,
    key: { keyId: number; ciphertext: string },
  ): Promise<void> {
    await transaction.query(
      `UPDATE channel_keys
       SET status = 3, status_code = 'unreadable', status_detail = 'The stored key cannot be decrypted; import it again',
           status_since = now(), revision = $2
       WHERE id = $1 AND status = 1 AND secret_ciphertext = $3`,
      [key.keyId, channel.revision, key.ciphertext],
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
