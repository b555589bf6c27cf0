import { Check, Column, Entity, PrimaryColumn, Unique } from 'typeorm';
import { bigintAsNumber } from '../database/bigint.transformer';
import type { BudgetPeriod } from './budget-period';

/** A client's credential for the relay; only the digest of the token is kept. */
@Entity('tokens')
@Unique('uq_tokens_hash', ['hash'])
@Check('ck_tokens_status', 'status IN (1, 2)')
@Check('ck_tokens_requests_per_minute', 'requests_per_minute BETWEEN 1 AND 60000')
@Check('ck_tokens_concurrent_requests', 'concurrent_requests BETWEEN 1 AND 10000')
@Check('ck_tokens_budget', 'max_requests >= 1 AND max_tokens >= 1')
@Check('ck_tokens_budget_period', "budget_period IN ('total', 'day', 'month')")
export class Token {
  @PrimaryColumn('bigint', {
    generated: 'identity',
    generatedIdentity: 'BY DEFAULT',
    transformer: bigintAsNumber,
    primaryKeyConstraintName: 'pk_tokens',
  })
  id!: number;

  @Column('varchar', { length: 200 })
  name!: string;

  /** SHA-256 of the token. */
  @Column('bytea')
  hash!: Buffer;

  @Column('varchar', { length: 4 })
  last4!: string;

  /** 1 enabled, 2 disabled. */
  @Column('smallint', { default: 1 })
  status!: 1 | 2;

  /** Empty: any model. */
  @Column('text', { array: true, default: '{}' })
  models!: string[];

  /** Empty: any channel. */
  @Column('bigint', {
    name: 'channel_ids',
    array: true,
    default: '{}',
    transformer: { from: (ids: string[]) => ids.map(Number), to: (ids: unknown) => ids },
  })
  channelIds!: number[];

  /** Null: never. */
  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  /** Null: any number. */
  @Column('integer', { name: 'requests_per_minute', nullable: true })
  requestsPerMinute!: number | null;

  /** Null: any number. */
  @Column('integer', { name: 'concurrent_requests', nullable: true })
  concurrentRequests!: number | null;

  /** In each budget period; null: any number. */
  @Column('bigint', { name: 'max_requests', nullable: true, transformer: bigintAsNumber })
  maxRequests!: number | null;

  /** Tokens read and written in each budget period; null: any number. */
  @Column('bigint', { name: 'max_tokens', nullable: true, transformer: bigintAsNumber })
  maxTokens!: number | null;

  @Column('varchar', { name: 'budget_period', length: 10, default: 'total' })
  budgetPeriod!: BudgetPeriod;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
