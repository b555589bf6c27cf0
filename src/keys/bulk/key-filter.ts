import { ValidationFailedError } from '../../common/validation-failed.error';
import type { KeyFilterDto } from './key-filter.dto';

/** Keys of one channel that fit a filter. */
export interface KeyMatch {
  readonly channelId: number;
  readonly filter: KeyFilterDto;
}

/** An SQL condition on `channel_keys` with the parameters that `matchParameters` gives, $1 to $11. */
export const MATCHES = `channel_id = $1 AND deleted_at IS NULL
  AND ($2::smallint IS NULL OR status = $2)
  AND ($3::text IS NULL OR state = $3)
  AND ($4::text IS NULL OR status_code = $4)
  AND ($5::smallint IS NULL OR status_http = $5)
  AND ($6::text IS NULL OR import_batch = $6)
  AND ($7::float8 IS NULL OR status_since >= to_timestamp($7))
  AND ($8::float8 IS NULL OR status_since < to_timestamp($8))
  AND ($9::float8 IS NULL OR last_used IS NULL OR last_used < to_timestamp($9))
  AND ($10::text IS NULL OR mask LIKE $10 OR note ILIKE $10)
  AND ($11::int[] IS NULL OR position = ANY($11))`;

export function matchParameters({ channelId, filter }: KeyMatch): unknown[] {
  return [
    channelId,
    filter.status,
    filter.state,
    filter.code,
    filter.http_status,
    filter.batch_id,
    filter.reason_since,
    filter.reason_before,
    filter.used_before,
    filter.q === undefined ? null : `%${filter.q.replace(/[\\%_]/g, '\\$&')}%`,
    filter.key_indices,
  ];
}

/** A filter that says which keys it means; one by oversight empty would hit the whole pool. Throws a `ValidationFailedError`. */
export function refuseVagueFilter(filter: KeyFilterDto): void {
  const fields = Object.values(filter).filter((value) => value !== undefined);
  if (fields.length === 0) {
    throw new ValidationFailedError([
      {
        field: 'filter',
        message:
          'filter is empty, which would be the whole pool: send at least one field, or {"all": true} to mean that',
      },
    ]);
  }
  if (filter.all && fields.length > 1) {
    throw new ValidationFailedError([{ field: 'filter.all', message: 'filter.all goes with no other field' }]);
  }
}
