import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from '../../database/bigint.transformer';

/** A segment that the database has: whoever brings it again changes nothing. */
@Entity('usage_batches')
@Index('ix_usage_batches_created_at', ['createdAt'])
export class UsageBatch {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_usage_batches' })
  instance!: string;

  @PrimaryColumn('bigint', { transformer: bigintAsNumber, primaryKeyConstraintName: 'pk_usage_batches' })
  seq!: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
