import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { ChannelKey } from './channel-key.entity';
import type { KeyState } from './key-state';

/** A state, its code and how many keys are in it for that reason. */
interface ReasonRow {
  readonly state: KeyState;
  readonly code: string | null;
  readonly count: number;
}

/** Counts keys that are not deleted by what they are and why. */
@Injectable()
export class KeyReasonsRepository {
  constructor(@InjectRepository(ChannelKey) private readonly rows: Repository<ChannelKey>) {}

  /** The most frequent reason first. */
  async count(channelId: number): Promise<ReasonRow[]> {
    // Nobody writes down that a rest is over: its key serves again all the same.
    return this.rows.query<ReasonRow[]>(
      `SELECT CASE WHEN is_over THEN 'active' ELSE state END AS state,
              CASE WHEN NOT is_over THEN status_code END AS code,
              count(*)::int AS count
       FROM (
         SELECT state, status_code, coalesce(state = 'cooling' AND until <= now(), false) AS is_over
         FROM channel_keys WHERE channel_id = $1 AND deleted_at IS NULL
       ) AS key
       GROUP BY 1, 2
       ORDER BY 3 DESC, 1, 2`,
      [channelId],
    );
  }
}
