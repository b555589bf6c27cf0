import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from '../database/bigint.transformer';

const PRIMARY_KEY = { primaryKeyConstraintName: 'pk_usage_hourly' };

/** What one key did for one token and one asked model within one hour; `UsageSum` says what the counts mean. */
@Entity('usage_hourly')
@Check(
  'ck_usage_hourly_counts',
  `requests >= 0 AND attempts >= 0 AND ok >= 0 AND rate_limited >= 0 AND exhausted >= 0 AND refused >= 0
    AND upstream_errors >= 0 AND other_errors >= 0 AND prompt_tokens >= 0 AND completion_tokens >= 0
    AND cached_tokens >= 0 AND duration_ms >= 0`,
)
export class UsageHour {
  @PrimaryColumn('timestamptz', { ...PRIMARY_KEY })
  hour!: Date;

  @PrimaryColumn('bigint', { name: 'channel_id', transformer: bigintAsNumber, ...PRIMARY_KEY })
  channelId!: number;

  @PrimaryColumn('bigint', { name: 'key_id', transformer: bigintAsNumber, ...PRIMARY_KEY })
  keyId!: number;

  @PrimaryColumn('bigint', { name: 'token_id', transformer: bigintAsNumber, ...PRIMARY_KEY })
  tokenId!: number;

  @PrimaryColumn('varchar', { length: 200, ...PRIMARY_KEY })
  model!: string;

  @Column('bigint', { transformer: bigintAsNumber })
  requests!: number;

  @Column('bigint', { transformer: bigintAsNumber })
  attempts!: number;

  @Column('bigint', { transformer: bigintAsNumber })
  ok!: number;

  @Column('bigint', { name: 'rate_limited', transformer: bigintAsNumber })
  rateLimited!: number;

  @Column('bigint', { transformer: bigintAsNumber })
  exhausted!: number;

  @Column('bigint', { transformer: bigintAsNumber })
  refused!: number;

  @Column('bigint', { name: 'upstream_errors', transformer: bigintAsNumber })
  upstreamErrors!: number;

  @Column('bigint', { name: 'other_errors', transformer: bigintAsNumber })
  otherErrors!: number;

  @Column('bigint', { name: 'prompt_tokens', transformer: bigintAsNumber })
  promptTokens!: number;

  @Column('bigint', { name: 'completion_tokens', transformer: bigintAsNumber })
  completionTokens!: number;

  @Column('bigint', { name: 'cached_tokens', transformer: bigintAsNumber })
  cachedTokens!: number;

  @Column('bigint', { name: 'duration_ms', transformer: bigintAsNumber })
  durationMs!: number;
}
