import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { bigintAsNumber } from '../database/bigint.transformer';

/**
 * Which key created an object that an upstream keeps. Rows point nowhere by foreign key: each would lock the rows of its
 * token, channel and key, and a row whose token is gone is of no use to anybody and goes when it is old.
 */
@Entity('upstream_objects')
@Index('ix_upstream_objects_created_at', ['createdAt'])
export class UpstreamObject {
  /** SHA-256 of dialect, colon and id. */
  @PrimaryColumn('bytea', { name: 'object_digest', primaryKeyConstraintName: 'pk_upstream_objects' })
  objectDigest!: Buffer;

  @Column('bigint', { name: 'token_id', transformer: bigintAsNumber })
  tokenId!: number;

  @Column('bigint', { name: 'channel_id', transformer: bigintAsNumber })
  channelId!: number;

  @Column('bigint', { name: 'key_id', transformer: bigintAsNumber })
  keyId!: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
