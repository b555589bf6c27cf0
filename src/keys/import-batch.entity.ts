import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Channel } from '../channels/channel.entity';
import { bigintAsNumber } from '../database/bigint.transformer';

/** One import into a channel, by whose name its keys can be switched together. */
@Entity('import_batches')
export class ImportBatch {
  @PrimaryColumn('bigint', {
    name: 'channel_id',
    transformer: bigintAsNumber,
    primaryKeyConstraintName: 'pk_import_batches',
  })
  channelId!: number;

  @ManyToOne(() => Channel)
  @JoinColumn({ name: 'channel_id', foreignKeyConstraintName: 'fk_import_batches_channel' })
  channel?: Channel;

  /** `batch_<unix seconds>`, with `_2`, `_3` … when a second sees several. */
  @PrimaryColumn('varchar', { length: 40, primaryKeyConstraintName: 'pk_import_batches' })
  name!: string;

  @Column('integer', { name: 'imported_count' })
  importedCount!: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
