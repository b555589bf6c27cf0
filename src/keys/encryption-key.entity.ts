import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Marks that stored keys are encrypted under the ENCRYPTION_KEY with this id; holds nothing of the key itself. */
@Entity('encryption_keys')
export class EncryptionKey {
  @PrimaryColumn('varchar', { length: 16, primaryKeyConstraintName: 'pk_encryption_keys' })
  id!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
