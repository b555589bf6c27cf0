import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Channel } from '../channels/channel.entity';
import type { Status } from '../channels/status';
import { bigintAsNumber } from '../database/bigint.transformer';
import type { KeyState } from './key-state';

/** One upstream key of a channel: its encrypted secret, its state and its counts. */
@Entity('channel_keys')
@Check('ck_channel_keys_status', 'status IN (1, 2, 3)')
@Check(
  'ck_channel_keys_state',
  `status = CASE WHEN state IN ('active', 'cooling', 'suspect') THEN 1 WHEN state = 'manual' THEN 2
    WHEN state IN ('exhausted', 'dead', 'unreadable') THEN 3 ELSE 0 END`,
)
@Check('ck_channel_keys_secret', 'secret_ciphertext IS NOT NULL OR deleted_at IS NOT NULL')
@Check('ck_channel_keys_counts', 'usage >= 0 AND tokens >= 0')
@Index('uq_channel_keys_fingerprint', ['channelId', 'fingerprint'], { unique: true, where: 'deleted_at IS NULL' })
@Index('uq_channel_keys_position', ['channelId', 'position'], { unique: true, where: 'deleted_at IS NULL' })
@Index('ix_channel_keys_revision', ['channelId', 'revision', 'id'])
export class ChannelKey {
  @PrimaryColumn('bigint', {
    generated: 'identity',
    generatedIdentity: 'BY DEFAULT',
    transformer: bigintAsNumber,
    primaryKeyConstraintName: 'pk_channel_keys',
  })
  id!: number;

  @Column('bigint', { name: 'channel_id', transformer: bigintAsNumber })
  channelId!: number;

  @ManyToOne(() => Channel)
  @JoinColumn({ name: 'channel_id', foreignKeyConstraintName: 'fk_channel_keys_channel' })
  channel?: Channel;

  /** The `index` of the API: stable, never given to another key before the next overwrite. */
  @Column('integer')
  position!: number;

  /** Null once the key is deleted: nothing of a deleted key can be decrypted again. */
  @Column('text', { name: 'secret_ciphertext', nullable: true })
  secretCiphertext!: string | null;

  @Column('bytea')
  fingerprint!: Buffer;

  @Column('varchar', { length: 20 })
  mask!: string;

  @Column('smallint', { default: 1 })
  status!: Status;

  /** What `status` stands for in detail; the table checks that the two fit. */
  @Column('varchar', { length: 12, default: 'active' })
  state!: KeyState;

  @Column('varchar', { name: 'status_code', length: 64, nullable: true })
  statusCode!: string | null;

  @Column('varchar', { name: 'status_detail', length: 500, nullable: true })
  statusDetail!: string | null;

  @Column('smallint', { name: 'status_http', nullable: true })
  statusHttp!: number | null;

  @Column('varchar', { name: 'status_model', length: 200, nullable: true })
  statusModel!: string | null;

  @Column('timestamptz', { name: 'status_since', default: () => 'now()' })
  statusSince!: Date;

  @Column('timestamptz', { nullable: true })
  until!: Date | null;

  @Column('timestamptz', { name: 'next_probe_at', nullable: true })
  nextProbeAt!: Date | null;

  /** When `until` and `next_probe_at` were reckoned; neither lies further off now than it did then. */
  @Column('timestamptz', { name: 'deadlines_set_at', default: () => 'now()' })
  deadlinesSetAt!: Date;

  /** Probes in a row that found this key unfit. */
  @Column('smallint', { name: 'failed_probes', default: 0 })
  failedProbes!: number;

  /** The channel's `key_revision` at this key's last change. */
  @Column('bigint', { transformer: bigintAsNumber })
  revision!: number;

  @Column('varchar', { name: 'import_batch', length: 40 })
  importBatch!: string;

  @Column('varchar', { length: 500, default: '' })
  note!: string;

  @Column('numeric', { precision: 20, scale: 6, default: 0, transformer: bigintAsNumber })
  balance!: number;

  /** Requests sent with this key. */
  @Column('bigint', { default: 0, transformer: bigintAsNumber })
  usage!: number;

  @Column('bigint', { default: 0, transformer: bigintAsNumber })
  tokens!: number;

  @Column('timestamptz', { name: 'last_used', nullable: true })
  lastUsed!: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt!: Date | null;
}
