import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import type { Status } from '../../channels/status';
import type { Transaction } from '../../database/transactions';
import { ChannelKey } from '../channel-key.entity';
import type { KeyState } from '../key-state';
import { type BulkAction, CHANGED_BY } from './bulk-action';
import { type KeyMatch, MATCHES, matchParameters } from './key-filter';

/** A key that matched, as it is shown. */
export interface SampledKey {
  readonly position: number;
  readonly id: number;
  readonly mask: string;
  readonly status: Status;
  readonly state: KeyState;
  readonly code: string | null;
  readonly http: number | null;
}

/** What an action would find. */
export interface KeySurvey {
  readonly matched: number;
  /** How many of them the action would change. */
  readonly affected: number;
  /** The first ones that matched. */
  readonly sample: readonly SampledKey[];
}

const SAMPLE_SIZE = 10;

/** Looks at the keys that match a filter. */
@Injectable()
export class MatchingKeysRepository {
  constructor(@InjectRepository(ChannelKey) private readonly rows: Repository<ChannelKey>) {}

  async survey(match: KeyMatch, action: BulkAction, on: Transaction = this.rows.manager): Promise<KeySurvey> {
    const parameters = matchParameters(match);
    const [counts] = await on.query<[{ matched: number; affected: number }]>(
      `SELECT count(*)::int AS matched, count(*) FILTER (WHERE ${CHANGED_BY[action]})::int AS affected
       FROM channel_keys WHERE ${MATCHES}`,
      parameters,
    );
    const sample = await on.query<(Omit<SampledKey, 'id'> & { id: string })[]>(
      `SELECT position, id, mask, status, state, status_code AS code, status_http AS http
       FROM channel_keys WHERE ${MATCHES} ORDER BY position LIMIT ${SAMPLE_SIZE}`,
      parameters,
    );
    return { ...counts, sample: sample.map(({ id, ...key }) => ({ id: Number(id), ...key })) };
  }

  /** In the order of their positions. */
  async listIds(match: KeyMatch): Promise<number[]> {
    const rows = await this.rows.query<{ id: string }[]>(
      `SELECT id FROM channel_keys WHERE ${MATCHES} ORDER BY position`,
      matchParameters(match),
    );
    return rows.map(({ id }) => Number(id));
  }
}
