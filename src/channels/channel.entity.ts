import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from '../database/bigint.transformer';
import type { HeaderOverride, ParamOverride } from './channel-overrides';
import type { ChannelSettings } from './channel-settings';
import type { ProviderType } from './provider-type';
import type { SelectionMode } from './selection-mode';
import type { Status } from './status';

/** Where to send requests, for which models, and how their keys are chosen. */
@Entity('channels')
@Check('ck_channels_status', 'status IN (1, 2, 3)')
@Check('ck_channels_selection_mode', 'selection_mode IN (0, 1)')
@Check('ck_channels_weight', 'weight >= 1')
export class Channel {
  @PrimaryColumn('bigint', {
    generated: 'identity',
    generatedIdentity: 'BY DEFAULT',
    transformer: bigintAsNumber,
    primaryKeyConstraintName: 'pk_channels',
  })
  id!: number;

  @Column('varchar', { length: 200 })
  name!: string;

  @Column('varchar', { length: 20 })
  type!: ProviderType;

  @Column('varchar', { name: 'base_url', length: 2000 })
  baseUrl!: string;

  @Column('smallint', { default: 1 })
  status!: Status;

  @Column('boolean', { name: 'is_multi_key' })
  isMultiKey!: boolean;

  @Column('smallint', { name: 'selection_mode', default: 0 })
  selectionMode!: SelectionMode;

  /** Empty: any model. */
  @Column('text', { array: true, default: '{}' })
  models!: string[];

  @Column('jsonb', { name: 'model_mapping', default: {} })
  modelMapping!: Record<string, string>;

  @Column('integer', { default: 0 })
  priority!: number;

  @Column('integer', { default: 1 })
  weight!: number;

  @Column('jsonb', { default: {} })
  settings!: ChannelSettings;

  @Column('jsonb', { name: 'header_override', default: {} })
  headerOverride!: HeaderOverride;

  @Column('jsonb', { name: 'param_override', default: {} })
  paramOverride!: ParamOverride;

  /** The URL with its password, encrypted; null: requests go straight to the upstream. */
  @Column('text', { name: 'proxy_ciphertext', nullable: true })
  proxyCiphertext!: string | null;

  /** Counts the committed changes of this channel's keys; each changed key row carries the number of its change. */
  @Column('bigint', { name: 'key_revision', default: 0, transformer: bigintAsNumber })
  keyRevision!: number;

  /** Counts the overwrites; within one generation a key never changes its position. */
  @Column('integer', { name: 'key_generation', default: 0 })
  keyGeneration!: number;

  /** The position that the next appended key takes. */
  @Column('integer', { name: 'next_position', default: 0 })
  nextPosition!: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt!: Date | null;
}
