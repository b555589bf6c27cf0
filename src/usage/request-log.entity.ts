import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from '../database/bigint.transformer';
import type { EndReason } from './request-record';

/** One try at an upstream, in a row of the log. */
export interface LoggedAttempt {
  readonly channel_id: number;
  readonly key_id: number;
  readonly key_index: number;
  readonly status: number;
  readonly verdict: string | null;
  readonly duration_ms: number;
}

/**
 * One request that reached an upstream. Rows are written in bulk, never changed, and point nowhere by foreign key: they
 * outlive what they name.
 */
@Entity('request_logs')
@Check('ck_request_logs_tokens', 'prompt_tokens >= 0 AND completion_tokens >= 0 AND cached_tokens >= 0')
@Check('ck_request_logs_times', 'duration_ms >= 0 AND ttft_ms >= 0')
@Index('ix_request_logs_created_at', ['createdAt', 'id'])
@Index('ix_request_logs_request_id', ['requestId'])
@Index('ix_request_logs_channel_id', ['channelId', 'createdAt', 'id'])
@Index('ix_request_logs_key_id', ['keyId', 'createdAt', 'id'])
@Index('ix_request_logs_token_id', ['tokenId', 'createdAt', 'id'])
@Index('ix_request_logs_model', ['model', 'createdAt', 'id'])
@Index('ix_request_logs_status', ['status', 'createdAt', 'id'])
@Index('ix_request_logs_end_reason', ['endReason', 'createdAt', 'id'])
export class RequestLog {
  @PrimaryColumn('bigint', {
    generated: 'identity',
    generatedIdentity: 'BY DEFAULT',
    transformer: bigintAsNumber,
    primaryKeyConstraintName: 'pk_request_logs',
  })
  id!: number;

  /** A client may have given the same to several requests. */
  @Column('varchar', { name: 'request_id', length: 64 })
  requestId!: string;

  /** The start of the request. */
  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('bigint', { name: 'token_id', transformer: bigintAsNumber })
  tokenId!: number;

  /** The token's name when the row was written; null when the token was gone by then. */
  @Column('varchar', { name: 'token_name', length: 200, nullable: true })
  tokenName!: string | null;

  /** Of the last attempt, as are the next two; null when there was none. */
  @Column('bigint', { name: 'channel_id', nullable: true, transformer: bigintAsNumber })
  channelId!: number | null;

  @Column('bigint', { name: 'key_id', nullable: true, transformer: bigintAsNumber })
  keyId!: number | null;

  @Column('integer', { name: 'key_index', nullable: true })
  keyIndex!: number | null;

  /** As the client named it. */
  @Column('varchar', { length: 200 })
  model!: string;

  /** As the last attempt named it. */
  @Column('varchar', { name: 'model_sent', length: 200, nullable: true })
  modelSent!: string | null;

  @Column('varchar', { length: 200 })
  path!: string;

  @Column('boolean', { name: 'stream' })
  isStream!: boolean;

  /** HTTP status of our answer; 499: the client left before there was one. */
  @Column('smallint')
  status!: number;

  @Column('varchar', { name: 'end_reason', length: 20 })
  endReason!: EndReason;

  @Column('bigint', { name: 'prompt_tokens', nullable: true, transformer: bigintAsNumber })
  promptTokens!: number | null;

  @Column('bigint', { name: 'completion_tokens', nullable: true, transformer: bigintAsNumber })
  completionTokens!: number | null;

  @Column('bigint', { name: 'cached_tokens', nullable: true, transformer: bigintAsNumber })
  cachedTokens!: number | null;

  /** The upstream did not say how many tokens it took. */
  @Column('boolean', { name: 'is_estimated' })
  isEstimated!: boolean;

  @Column('integer', { name: 'duration_ms' })
  durationMs!: number;

  /** Until the first byte of the answer; null when none came. */
  @Column('integer', { name: 'ttft_ms', nullable: true })
  ttftMs!: number | null;

  @Column('jsonb')
  attempts!: LoggedAttempt[];
}
