import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Not, type Repository, type SelectQueryBuilder } from 'typeorm';
import type { Transaction } from '../database/transactions';
import { Channel } from './channel.entity';
import { STATUS, type Status } from './status';

/** What a list of channels may be narrowed to. */
export interface ChannelFilter {
  readonly status?: Status | undefined;
  readonly keyword?: string | undefined;
}

/** The columns that an admin sets. */
export type ChannelFields = Pick<
  Channel,
  | 'name'
  | 'type'
  | 'baseUrl'
  | 'status'
  | 'isMultiKey'
  | 'selectionMode'
  | 'models'
  | 'modelMapping'
  | 'priority'
  | 'weight'
  | 'settings'
  | 'headerOverride'
  | 'paramOverride'
>;

/** Reads and writes the rows of channels; a deleted channel is nowhere to be found. */
@Injectable()
export class ChannelsRepository {
  constructor(@InjectRepository(Channel) private readonly rows: Repository<Channel>) {}

  async find(id: number): Promise<Channel | null> {
    return this.rows.findOneBy({ id, deletedAt: IsNull() });
  }

  async listPage(filter: ChannelFilter, page: number, pageSize: number): Promise<[Channel[], number]> {
    const query = this.rows.createQueryBuilder('channel').where('channel.deleted_at IS NULL');
    narrow(query, filter);
    return query
      .orderBy('channel.id', 'ASC')
      .skip((page - 1) * pageSize)
      .take(pageSize)
      .getManyAndCount();
  }

  /** Every channel that requests may meet: all but those switched off by hand. */
  async listServing(): Promise<Channel[]> {
    return this.rows.find({ where: { deletedAt: IsNull(), status: Not(STATUS.disabledByHand) }, order: { id: 'ASC' } });
  }

  async insert(transaction: Transaction, fields: ChannelFields): Promise<number> {
    const { identifiers } = await transaction.insert(Channel, fields);
    return Number(identifiers[0]?.['id']);
  }

  /** Locks the row until the transaction ends. */
  async lock(transaction: Transaction, id: number): Promise<Channel | null> {
    return transaction.findOne(Channel, {
      where: { id, deletedAt: IsNull() },
      lock: { mode: 'for_no_key_update' },
    });
  }

  async update(transaction: Transaction, id: number, fields: Partial<Channel>): Promise<void> {
    await transaction.update(Channel, { id }, { ...fields, updatedAt: () => 'now()' });
  }
}

function narrow(query: SelectQueryBuilder<Channel>, { status, keyword }: ChannelFilter): void {
  if (status !== undefined) query.andWhere('channel.status = :status', { status });
  if (keyword === undefined || keyword === '') return;
  const pattern = `%${keyword.replace(/[\\%_]/g, '\\$&')}%`;
  query.andWhere('(channel.name ILIKE :pattern OR channel.base_url ILIKE :pattern)', { pattern });
}
