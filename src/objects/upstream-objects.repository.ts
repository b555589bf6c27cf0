import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import type { ObjectOwner } from './object-owner';
import { UpstreamObject } from './upstream-object.entity';

/** Reads and writes the owners of objects, by the digests of these, in hexadecimal. */
@Injectable()
export class UpstreamObjectsRepository {
  constructor(@InjectRepository(UpstreamObject) private readonly rows: Repository<UpstreamObject>) {}

  async find(digest: string): Promise<ObjectOwner | null> {
    const row = await this.rows.findOneBy({ objectDigest: bytesOf(digest) });
    return row && { tokenId: row.tokenId, channelId: row.channelId, keyId: row.keyId };
  }

  /** One statement for all. What belongs to a token never passes to another one. */
  async store(owners: ReadonlyMap<string, ObjectOwner>): Promise<void> {
    const values = [...owners.values()];
    await this.rows.query(
      `INSERT INTO upstream_objects AS known (object_digest, token_id, channel_id, key_id)
       SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bigint[])
       ON CONFLICT (object_digest) DO UPDATE
         SET channel_id = excluded.channel_id, key_id = excluded.key_id, created_at = excluded.created_at
         WHERE known.token_id = excluded.token_id`,
      [
        [...owners.keys()].map(bytesOf),
        values.map(({ tokenId }) => tokenId),
        values.map(({ channelId }) => channelId),
        values.map(({ keyId }) => keyId),
      ],
    );
  }

  async delete(digests: readonly string[]): Promise<void> {
    await this.rows.query('DELETE FROM upstream_objects WHERE object_digest = ANY($1::bytea[])', [
      digests.map(bytesOf),
    ]);
  }

  /** Deletes the oldest of those that are older than this, `most` at once; how many there were. */
  async deleteOlderThan(ageMs: number, most: number): Promise<number> {
    const [, deleted] = await this.rows.query<[unknown[], number]>(
      `DELETE FROM upstream_objects WHERE object_digest = ANY(ARRAY(
         SELECT object_digest FROM upstream_objects WHERE created_at < now() - $1::float8 * interval '1 millisecond'
         ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED
       ))`,
      [ageMs, most],
    );
    return deleted;
  }
}

function bytesOf(digest: string): Buffer {
  return Buffer.from(digest, 'hex');
}
