import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository, SelectQueryBuilder } from 'typeorm';
import type { KeyCounts } from '../channels/channel-keys';
import { STATUS, type Status } from '../channels/status';
import type { Transaction } from '../database/transactions';
import { ChannelKey } from './channel-key.entity';

/** What a list of keys may be narrowed to. */
export interface KeyFilter {
  readonly status?: Status | undefined;
  readonly batch?: string | undefined;
  /** Part of a mask or note. */
  readonly text?: string | undefined;
}

/** The counts of one channel's keys by state. */
export interface KeyStateCounts extends KeyCounts {
  readonly manual: number;
  readonly automatic: number;
  readonly cooling: number;
}

/** Reads keys that are not deleted. */
@Injectable()
export class KeysRepository {
  constructor(@InjectRepository(ChannelKey) private readonly rows: Repository<ChannelKey>) {}

  /** With its channel, as are the next two. */
  async findByIndex(channelId: number, position: number): Promise<ChannelKey | null> {
    return this.withChannel(channelId).andWhere('key.position = :position', { position }).getOne();
  }

  async findById(channelId: number, id: number): Promise<ChannelKey | null> {
    return this.withChannel(channelId).andWhere('key.id = :id', { id }).getOne();
  }

  async findFirstEnabled(channelId: number): Promise<ChannelKey | null> {
    return this.withChannel(channelId)
      .andWhere('key.status = :status', { status: STATUS.enabled })
      .orderBy('key.position', 'ASC')
      .limit(1)
      .getOne();
  }

  async listPage(channelId: number, filter: KeyFilter, skip: number, take: number): Promise<[ChannelKey[], number]> {
    const query = this.ofChannel(channelId);
    if (filter.status !== undefined) query.andWhere('key.status = :status', filter);
    if (filter.batch !== undefined) query.andWhere('key.import_batch = :batch', filter);
    if (filter.text !== undefined) {
      const pattern = `%${filter.text.replace(/[\\%_]/g, '\\$&')}%`;
      query.andWhere('(key.mask LIKE :pattern OR key.note ILIKE :pattern)', { pattern });
    }
    return query.orderBy('key.position', 'ASC').skip(skip).take(take).getManyAndCount();
  }

  async countStates(channelId: number): Promise<KeyStateCounts> {
    const [row] = await this.rows.query<[Record<keyof KeyStateCounts, number>]>(
      `SELECT count(*)::int AS total,
              count(*) FILTER (WHERE status = 1)::int AS enabled,
              count(*) FILTER (WHERE status = 2)::int AS manual,
              count(*) FILTER (WHERE status = 3)::int AS automatic,
              count(*) FILTER (WHERE state = 'cooling' AND until > now())::int AS cooling
       FROM channel_keys WHERE channel_id = $1 AND deleted_at IS NULL`,
      [channelId],
    );
    return row;
  }

  async countByChannel(channelIds: readonly number[]): Promise<ReadonlyMap<number, KeyCounts>> {
    return this.readCounts(this.rows.manager, channelIds);
  }

  async countWithin(transaction: Transaction, channelId: number): Promise<KeyCounts> {
    const counts = await this.readCounts(transaction, [channelId]);
    return counts.get(channelId) ?? { total: 0, enabled: 0 };
  }

  /** Whether the channel has keys and enabled ones, as counts of 0 or 1: a large pool need not be counted. */
  async findPresence(transaction: Transaction, channelId: number): Promise<KeyCounts> {
    const live = 'SELECT FROM channel_keys WHERE channel_id = $1 AND deleted_at IS NULL';
    const [row] = await transaction.query<[KeyCounts]>(
      `SELECT EXISTS (${live})::int AS total, EXISTS (${live} AND status = 1)::int AS enabled`,
      [channelId],
    );
    return row;
  }

  /** Locks the keys in the order of their ids, so that nobody else who does can wait for it in a circle. */
  async addUsage(
    transaction: Transaction,
    deltas: { ids: number[]; requests: number[]; tokens: number[]; lastUsed: Date[] },
  ): Promise<void> {
    await transaction.query('SELECT FROM channel_keys WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE', [deltas.ids]);
    await transaction.query(
      `UPDATE channel_keys AS key
       SET usage = key.usage + delta.requests, tokens = key.tokens + delta.tokens,
           last_used = greatest(key.last_used, delta.last_used)
       FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::timestamptz[])
         AS delta (id, requests, tokens, last_used)
       WHERE key.id = delta.id`,
      [deltas.ids, deltas.requests, deltas.tokens, deltas.lastUsed],
    );
  }

  /** One statement reads both: a key and its channel as they are at the same moment. */
  private withChannel(channelId: number): SelectQueryBuilder<ChannelKey> {
    return this.ofChannel(channelId).innerJoinAndSelect('key.channel', 'channel', 'channel.deleted_at IS NULL');
  }

  private ofChannel(channelId: number): SelectQueryBuilder<ChannelKey> {
    return this.rows
      .createQueryBuilder('key')
      .where('key.channel_id = :channelId AND key.deleted_at IS NULL', { channelId });
  }

  private async readCounts(on: Transaction, channelIds: readonly number[]): Promise<ReadonlyMap<number, KeyCounts>> {
    const rows = await on.query<{ id: string; total: number; enabled: number }[]>(
      `SELECT channel_id AS id, count(*)::int AS total, count(*) FILTER (WHERE status = 1)::int AS enabled
       FROM channel_keys WHERE channel_id = ANY($1) AND deleted_at IS NULL GROUP BY channel_id`,
      [channelIds],
    );
    return new Map(rows.map(({ id, total, enabled }) => [Number(id), { total, enabled }]));
  }
}
