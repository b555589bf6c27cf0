import { Check, Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Channel } from '../../channels/channel.entity';
import { bigintAsNumber } from '../../database/bigint.transformer';
import type { SwitchAction } from '../key-switch';

/** One action on many keys that can be undone for a while. */
@Entity('key_operations')
@Check('ck_key_operations_action', "action IN ('enable', 'disable', 'delete')")
export class KeyOperation {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_key_operations' })
  id!: string;

  @Column('bigint', { name: 'channel_id', transformer: bigintAsNumber })
  channelId!: number;

  @ManyToOne(() => Channel)
  @JoinColumn({ name: 'channel_id', foreignKeyConstraintName: 'fk_key_operations_channel' })
  channel?: Channel;

  @Column('varchar', { length: 10 })
  action!: SwitchAction;

  /** How many keys it changed. */
  @Column('integer')
  affected!: number;

  /** The revision that it gave to each of them: a key that has another one changed since. */
  @Column('bigint', { transformer: bigintAsNumber })
  revision!: number;

  /** The channel's `key_generation` then: when positions have been given out anew, nothing is brought back. */
  @Column('integer')
  generation!: number;

  /** Where the keys were sent then: they are not brought back to be sent elsewhere. */
  @Column('varchar', { name: 'base_url', length: 2000 })
  baseUrl!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date;

  @Column('timestamptz', { name: 'undone_at', nullable: true })
  undoneAt!: Date | null;
}
