import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import type { Status } from '../../channels/status';
import { bigintAsNumber } from '../../database/bigint.transformer';
import type { KeyState } from '../key-state';
import { KeyOperation } from './key-operation.entity';

/** One key as it was before an operation; gone when the operation is undone or can no longer be. */
@Entity('key_operation_keys')
export class KeyOperationKey {
  @PrimaryColumn('uuid', { name: 'operation_id', primaryKeyConstraintName: 'pk_key_operation_keys' })
  operationId!: string;

  @ManyToOne(() => KeyOperation)
  @JoinColumn({ name: 'operation_id', foreignKeyConstraintName: 'fk_key_operation_keys_operation' })
  operation?: KeyOperation;

  @PrimaryColumn('bigint', {
    name: 'key_id',
    transformer: bigintAsNumber,
    primaryKeyConstraintName: 'pk_key_operation_keys',
  })
  keyId!: number;

  @Column('varchar', { length: 12 })
  state!: KeyState;

  @Column('smallint')
  status!: Status;

  @Column('varchar', { name: 'status_code', length: 64, nullable: true })
  statusCode!: string | null;

  @Column('varchar', { name: 'status_detail', length: 500, nullable: true })
  statusDetail!: string | null;

  @Column('smallint', { name: 'status_http', nullable: true })
  statusHttp!: number | null;

  @Column('varchar', { name: 'status_model', length: 200, nullable: true })
  statusModel!: string | null;

  @Column('timestamptz', { name: 'status_since' })
  statusSince!: Date;

  @Column('timestamptz', { nullable: true })
  until!: Date | null;

  @Column('timestamptz', { name: 'next_probe_at', nullable: true })
  nextProbeAt!: Date | null;

  @Column('smallint', { name: 'failed_probes' })
  failedProbes!: number;

  /** Only of a deleted key, whose own row has lost it. */
  @Column('text', { name: 'secret_ciphertext', nullable: true })
  secretCiphertext!: string | null;
}
