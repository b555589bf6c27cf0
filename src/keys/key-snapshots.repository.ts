import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { ChannelKey } from './channel-key.entity';
import type { KeyBookmark } from './key-bookmark';
import type { KeyState } from './key-state';

/** A key as the changes of a channel list it; the channel alone, `id` null, when there is none. */
export interface KeyChangeRow {
  readonly base_url: string;
  readonly generation: number;
  readonly channel_revision: string;
  readonly id: string | null;
  readonly position: number;
  readonly secret_ciphertext: string | null;
  readonly revision: string;
  readonly state: KeyState;
  readonly is_deleted: boolean;
  readonly code: string | null;
  readonly model: string | null;
  readonly failed_probes: number;
  readonly lasts_ms: number | null;
  readonly probe_in_ms: number | null;
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
              key.*
       FROM channels AS channel
       LEFT JOIN LATERAL (
         SELECT id, position, secret_ciphertext, revision, state, deleted_at IS NOT NULL AS is_deleted, status_code AS code,
                status_model AS model, failed_probes, ${remainingMs('until')} AS lasts_ms,
                ${remainingMs('next_probe_at')} AS probe_in_ms
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

/**
 * How long from now until a stored moment, by the database's clock alone; never longer than it was when it was stored, so
 * that a clock that was set back prolongs nothing. Null where there is no moment: `least` and `greatest` pass over nulls.
 */
function remainingMs(column: string): string {
  const remaining = `greatest(least(${column} - now(), ${column} - deadlines_set_at), interval '0')`;
  return `CASE WHEN ${column} IS NOT NULL THEN (extract(epoch FROM ${remaining}) * 1000)::float8 END`;
}
