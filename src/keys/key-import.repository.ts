import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import type { LockedChannel } from '../channels/key-change-lock';
import type { Transaction } from '../database/transactions';
import { ImportBatch } from './import-batch.entity';
import { KeyStateRepository } from './key-state.repository';

/** What is written of a key that has a row. */
export interface StoredKey {
  readonly id: number;
  readonly position: number;
  readonly ciphertext: string;
}

/** A key ready for a row of its own. */
export interface NewKey extends StoredKey {
  readonly fingerprint: Buffer;
  readonly mask: string;
}

/** A key of an import list that has a row already. */
export interface KnownKey {
  readonly id: number;
  readonly position: number;
  readonly isUnreadable: boolean;
}

const ROWS_PER_STATEMENT = 2_000;

/** Writes imports into a locked channel. */
@Injectable()
export class KeyImportRepository {
  constructor(
    @InjectRepository(ImportBatch) private readonly batches: Repository<ImportBatch>,
    private readonly states: KeyStateRepository,
  ) {}

  /** Those of these keys that the channel holds already, by fingerprint in hex. */
  async findKnown(
    transaction: Transaction,
    channelId: number,
    fingerprints: readonly Buffer[],
  ): Promise<Map<string, KnownKey>> {
    const rows = await transaction.query<{ id: string; position: number; fingerprint: Buffer; unreadable: boolean }[]>(
      `SELECT id, position, fingerprint, state = 'unreadable' AS unreadable FROM channel_keys
       WHERE channel_id = $1 AND fingerprint = ANY($2::bytea[]) AND deleted_at IS NULL`,
      [channelId, fingerprints],
    );
    return new Map(
      rows.map(({ id, position, fingerprint, unreadable }) => [
        fingerprint.toString('hex'),
        { id: Number(id), position, isUnreadable: unreadable },
      ]),
    );
  }

  async countKeys(transaction: Transaction, channelId: number): Promise<number> {
    const [row] = await transaction.query<[{ total: number }]>(
      'SELECT count(*)::int AS total FROM channel_keys WHERE channel_id = $1 AND deleted_at IS NULL',
      [channelId],
    );
    return row.total;
  }

  /** Takes out every key that the list does not have; how many there were. */
  async removeOthers(
    transaction: Transaction,
    channel: LockedChannel,
    fingerprints: readonly Buffer[],
  ): Promise<number> {
    const [, removed] = await transaction.query<[unknown[], number]>(
      `UPDATE channel_keys SET deleted_at = now(), secret_ciphertext = NULL, revision = $2
       WHERE channel_id = $1 AND fingerprint <> ALL($3::bytea[]) AND deleted_at IS NULL`,
      [channel.id, channel.revision, fingerprints],
    );
    return removed;
  }

  /** Gives kept keys their places and batch, seals them anew, and revives those that were disabled automatically. */
  async renew(
    transaction: Transaction,
    channel: LockedChannel,
    kept: readonly StoredKey[],
    batch: string,
  ): Promise<void> {
    // Positions are unique at every moment, so the old ones step aside first.
    await transaction.query(
      `UPDATE channel_keys AS key SET position = -1 - key.position
       FROM unnest($1::bigint[], $2::int[]) AS kept (id, position)
       WHERE key.id = kept.id AND key.position <> kept.position`,
      [kept.map(({ id }) => id), kept.map(({ position }) => position)],
    );
    for (let start = 0; start < kept.length; start += ROWS_PER_STATEMENT) {
      const rows = kept.slice(start, start + ROWS_PER_STATEMENT);
      const ids = rows.map(({ id }) => id);
      await transaction.query(
        `UPDATE channel_keys AS key
         SET position = kept.position, secret_ciphertext = kept.ciphertext, revision = $1, import_batch = $2
         FROM unnest($3::bigint[], $4::int[], $5::text[]) AS kept (id, position, ciphertext)
         WHERE key.id = kept.id`,
        [channel.revision, batch, ids, rows.map(({ position }) => position), rows.map(({ ciphertext }) => ciphertext)],
      );
      await this.states.revive(transaction, channel, ids);
    }
  }

  async takeIds(transaction: Transaction, count: number): Promise<number[]> {
    const rows = await transaction.query<{ id: string }[]>(
      "SELECT nextval(pg_get_serial_sequence('channel_keys', 'id')) AS id FROM generate_series(1, $1::int)",
      [count],
    );
    return rows.map(({ id }) => Number(id));
  }

  async insert(
    transaction: Transaction,
    channel: LockedChannel,
    keys: readonly NewKey[],
    batch: string,
  ): Promise<void> {
    for (let start = 0; start < keys.length; start += ROWS_PER_STATEMENT) {
      const rows = keys.slice(start, start + ROWS_PER_STATEMENT);
      await transaction.query(
        `INSERT INTO channel_keys (channel_id, revision, import_batch, id, position, secret_ciphertext, fingerprint, mask)
         SELECT $1, $2, $3, * FROM unnest($4::bigint[], $5::int[], $6::text[], $7::bytea[], $8::text[])`,
        [
          channel.id,
          channel.revision,
          batch,
          rows.map((key) => key.id),
          rows.map((key) => key.position),
          rows.map((key) => key.ciphertext),
          rows.map((key) => key.fingerprint),
          rows.map((key) => key.mask),
        ],
      );
    }
  }

  /** A name that no other import of this channel has: `batch_<unix seconds>`, `_2`, `_3` … on collision. */
  async nameBatch(transaction: Transaction, channelId: number, unixSeconds: number): Promise<string> {
    const name = `batch_${unixSeconds}`;
    const [row] = await transaction.query<[{ taken: number }]>(
      `SELECT count(*)::int AS taken FROM import_batches
       WHERE channel_id = $1 AND (name = $2 OR starts_with(name, $2 || '_'))`,
      [channelId, name],
    );
    return row.taken === 0 ? name : `${name}_${row.taken + 1}`;
  }

  async insertBatch(transaction: Transaction, channelId: number, name: string, importedCount: number): Promise<void> {
    await transaction.insert(ImportBatch, { channelId, name, importedCount });
  }

  async newestBatches(
    channelId: number,
    count: number,
    on: Transaction = this.batches.manager,
  ): Promise<ImportBatch[]> {
    return on.find(ImportBatch, { where: { channelId }, order: { createdAt: 'DESC', name: 'DESC' }, take: count });
  }
}
