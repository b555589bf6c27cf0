import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import type { LockedChannel } from '../../channels/key-change-lock';
import type { Transaction } from '../../database/transactions';
import type { KeyState } from '../key-state';
import type { SwitchAction } from '../key-switch';
import { CHANGED_BY } from './bulk-action';
import { type KeyMatch, MATCHES, matchParameters } from './key-filter';
import { KeyOperation } from './key-operation.entity';

/** An operation that begins: the keys that it is about to change. */
export interface RecordedOperation {
  readonly id: string;
  readonly expiresAt: Date;
  readonly keyIds: readonly number[];
}

/** An operation as an undo finds it. */
export interface StoredOperation {
  readonly id: string;
  readonly action: SwitchAction;
  readonly affected: number;
  /** The revision that it gave to its keys. */
  readonly revision: string;
  readonly isUndone: boolean;
  readonly isExpired: boolean;
  /** The channel's positions were given out anew since. */
  readonly isOfOldGeneration: boolean;
  readonly baseUrl: string;
  /** The channel's base URL now. */
  readonly presentBaseUrl: string;
}

const UNDO_MINUTES = 10;

const STATE_COLUMNS =
  'state, status, status_code, status_detail, status_http, status_model, status_since, until, next_probe_at, failed_probes';

/** What the keys of an operation became by it, when that was not what they were. */
const STATE_GIVEN: Readonly<Record<SwitchAction, KeyState | null>> = {
  enable: 'active',
  disable: 'manual',
  delete: null,
};

/** Remembers how keys were before an operation, and brings them back. */
@Injectable()
export class KeyOperationsRepository {
  constructor(@InjectRepository(KeyOperation) private readonly rows: Repository<KeyOperation>) {}

  /** Remembers every matching key that the action will change at the channel's revision; null when there is none. */
  async record(
    transaction: Transaction,
    channel: LockedChannel,
    match: KeyMatch,
    action: SwitchAction,
  ): Promise<RecordedOperation | null> {
    const id = randomUUID();
    const [row] = await transaction.query<{ expires_at: Date; key_ids: string[] }[]>(
      `WITH prior AS (
         INSERT INTO key_operation_keys (operation_id, key_id, ${STATE_COLUMNS}, secret_ciphertext)
         SELECT $12::uuid, id, ${STATE_COLUMNS}, CASE $14::text WHEN 'delete' THEN secret_ciphertext END
         FROM channel_keys WHERE ${MATCHES} AND ${CHANGED_BY[action]}
         RETURNING key_id
       ),
       operation AS (
         INSERT INTO key_operations (id, channel_id, action, affected, revision, generation, base_url, expires_at)
         SELECT $12::uuid, id, $14::text, (SELECT count(*) FROM prior), $13::bigint, key_generation, base_url,
                now() + interval '${UNDO_MINUTES} minutes'
         FROM channels WHERE id = $1 AND EXISTS (SELECT FROM prior)
         RETURNING expires_at
       )
       SELECT expires_at, (SELECT array_agg(key_id) FROM prior) AS key_ids FROM operation`,
      [...matchParameters(match), id, channel.revision, action],
    );
    return row ? { id, expiresAt: row.expires_at, keyIds: row.key_ids.map(Number) } : null;
  }

  async findChannelId(id: string): Promise<number | null> {
    const operation = await this.rows.findOneBy({ id });
    return operation?.channelId ?? null;
  }

  /** Keeps the operation from others until the transaction ends. */
  async take(transaction: Transaction, id: string): Promise<StoredOperation | null> {
    // In a statement of its own: what the next one reads is true once nobody else has the operation.
    await transaction.query('SELECT FROM key_operations WHERE id = $1 FOR UPDATE', [id]);
    const [row] = await transaction.query<StoredOperation[]>(
      `SELECT operation.id, action, affected, revision, undone_at IS NOT NULL AS "isUndone",
              expires_at <= clock_timestamp() AS "isExpired", generation <> key_generation AS "isOfOldGeneration",
              operation.base_url AS "baseUrl", channel.base_url AS "presentBaseUrl"
       FROM key_operations AS operation JOIN channels AS channel ON channel.id = channel_id
       WHERE operation.id = $1`,
      [id],
    );
    return row ?? null;
  }

  /** Brings back those keys that are as the operation left them, each with an event in its history; how many. */
  async restore(transaction: Transaction, channel: LockedChannel, operation: StoredOperation): Promise<number> {
    const rows = await transaction.query<unknown[]>(
      `WITH restored AS (
         UPDATE channel_keys AS key
         SET revision = $1, deleted_at = NULL, secret_ciphertext = coalesce(prior.secret_ciphertext, key.secret_ciphertext),
             (${STATE_COLUMNS}) = ROW (${STATE_COLUMNS.replace(/\w+/g, 'prior.$&')})
         FROM key_operation_keys AS prior
         WHERE prior.operation_id = $2 AND key.id = prior.key_id AND key.revision = $3
           AND key.fingerprint <> ALL($4::bytea[])
         RETURNING key.channel_id, key.id, key.state, key.until
       )
       INSERT INTO key_events (channel_id, key_id, from_state, to_state, code, detail, actor, until)
       SELECT channel_id, id, coalesce($5::text, state), state, 'undo', $6, 'admin', until FROM restored
       RETURNING 1`,
      [
        channel.revision,
        operation.id,
        operation.revision,
        await this.listTakenFingerprints(transaction, channel, operation),
        STATE_GIVEN[operation.action],
        `A bulk ${operation.action} was undone`,
      ],
    );
    return rows.length;
  }

  /** Marks the operation as undone and forgets how its keys were. */
  async close(transaction: Transaction, id: string): Promise<void> {
    await transaction.query('UPDATE key_operations SET undone_at = now() WHERE id = $1', [id]);
    await transaction.query('DELETE FROM key_operation_keys WHERE operation_id = $1', [id]);
  }

  /** Forgets how the keys of expired operations were, their secrets too; a day later the operations themselves. */
  async purgeExpired(): Promise<void> {
    await this.rows.query(
      `WITH expired AS (SELECT id FROM key_operations WHERE expires_at <= now() FOR UPDATE SKIP LOCKED)
       DELETE FROM key_operation_keys USING expired WHERE operation_id = expired.id`,
    );
    await this.rows.query(
      `DELETE FROM key_operations AS operation WHERE expires_at <= now() - interval '1 day'
         AND NOT EXISTS (SELECT FROM key_operation_keys WHERE operation_id = operation.id)`,
    );
  }

  /**
   * Those of keys that came or changed after the operation: a deleted key whose own was imported again stays deleted. Read
   * apart, for PostgreSQL joins two large parts of a pool row by row while it has no statistics of an import just made.
   */
  private async listTakenFingerprints(
    transaction: Transaction,
    channel: LockedChannel,
    operation: StoredOperation,
  ): Promise<Buffer[]> {
    const rows = await transaction.query<{ fingerprint: Buffer }[]>(
      'SELECT fingerprint FROM channel_keys WHERE channel_id = $1 AND revision > $2 AND deleted_at IS NULL',
      [channel.id, operation.revision],
    );
    return rows.map(({ fingerprint }) => fingerprint);
  }
}
