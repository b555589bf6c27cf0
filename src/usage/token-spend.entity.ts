import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from '../database/bigint.transformer';

/** What a client's token has used, in all, within a day or within a month (UTC, by the starts of the requests). */
@Entity('token_usage')
@Check('ck_token_usage_counts', 'requests >= 0 AND tokens >= 0')
export class TokenSpend {
  @PrimaryColumn('bigint', {
    name: 'token_id',
    transformer: bigintAsNumber,
    primaryKeyConstraintName: 'pk_token_usage',
  })
  tokenId!: number;

  /** `total`, `2026-11-23` or `2026-11`. */
  @PrimaryColumn('varchar', { length: 10, primaryKeyConstraintName: 'pk_token_usage' })
  period!: string;

  /** That an upstream served. */
  @Column('bigint', { transformer: bigintAsNumber })
  requests!: number;

  /** Read and written. */
  @Column('bigint', { transformer: bigintAsNumber })
  tokens!: number;
}
