import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { ChannelKey } from './channel-key.entity';
import type { KeyBookmark } from './key-bookmark';

/** A key as the changes of a channel list it; the channel alone, `id` null, when there is none. */
export interface KeyChangeRow {
  readonly base_url: string;
  readonly generation: number;
  readonly channel_revision: string;
  readonly id: string | null;
  readonly position: number;
  readonly is_usable: boolean;
  readonly secret_ciphertext: string | null;
  readonly revision: string;
}

/** Reads the keys that changed behind a bookmark. */
@Injectable()
export class KeySnapshotsRepository {
  constructor(@InjectRepository(ChannelKey) private readonly rows: Repository<ChannelKey>) {}

  async listChanges(channelId: number, from: KeyBookmark, limit: number): Promise<KeyChangeRow[]> {
    // One statement sees one state of the database, so generation and keys belong together. The subquery walks the index
    // from the bookmark on: what a change costs does not depend on how large the pool is.
    return this.rows.query<KeyChangeRow[]>(
      `SELECT channel.base_url, channel.key_generation AS generation, channel.key_revision AS channel_revision,
              key.id, key.position, key.secret_ciphertext, key.revision, key.is_usable
       FROM channels AS channel
       LEFT JOIN LATERAL (
         SELECT id, position, secret_ciphertext, revision, status = 1 AND deleted_at IS NULL AS is_usable
         FROM channel_keys
         WHERE channel_id = channel.id
           AND (revision, id) > (CASE WHEN channel.key_generation = $2 THEN $3::bigint ELSE 0 END,
                                 CASE WHEN channel.key_generation = $2 THEN $4::bigint ELSE 0 END)
           AND (channel.key_generation = $2 OR deleted_at IS NULL)
         ORDER BY revision, id
         LIMIT $5
       ) AS key ON true
       WHERE channel.id = $1 AND channel.deleted_at IS NULL
       ORDER BY key.revision, key.id`,
      [channelId, from.generation, from.revision, from.keyId, limit],
    );
  }
}
