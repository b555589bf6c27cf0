import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from '../database/bigint.transformer';
import type { Actor, KeyState } from './key-state';

/** One change of a key's state; rows are only ever added, and go when they are old. */
@Entity('key_events')
@Index('ix_key_events_key', ['keyId', 'id'])
@Index('ix_key_events_at', ['at'])
export class KeyEvent {
  @PrimaryColumn('bigint', {
    generated: 'identity',
    generatedIdentity: 'BY DEFAULT',
    transformer: bigintAsNumber,
    primaryKeyConstraintName: 'pk_key_events',
  })
  id!: number;

  @Column('bigint', { name: 'channel_id', transformer: bigintAsNumber })
  channelId!: number;

  @Column('bigint', { name: 'key_id', transformer: bigintAsNumber })
  keyId!: number;

  @Column('timestamptz', { default: () => 'now()' })
  at!: Date;

  @Column('varchar', { name: 'from_state', length: 12 })
  fromState!: KeyState;

  @Column('varchar', { name: 'to_state', length: 12 })
  toState!: KeyState;

  @Column('varchar', { length: 64, nullable: true })
  code!: string | null;

  @Column('varchar', { length: 500, nullable: true })
  detail!: string | null;

  @Column('smallint', { name: 'http_status', nullable: true })
  httpStatus!: number | null;

  @Column('varchar', { length: 200, nullable: true })
  model!: string | null;

  @Column('varchar', { length: 10 })
  actor!: Actor;

  @Column('timestamptz', { nullable: true })
  until!: Date | null;
}
