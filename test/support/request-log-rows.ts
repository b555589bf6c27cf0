import type { ClientConfig } from 'pg';
import type { LogCriteria } from '../../src/usage/log/log-query';
import { runSql } from './database-rows';

const DAY_SECONDS = 86_400;

/** The filled rows start evenly over 28 days, which ended yesterday: nothing of them has come of age yet. */
const LOG_SECONDS = 28 * DAY_SECONDS;
/** In Unix seconds. */
const LOG_BEGINS_AT = Math.floor(Date.now() / 1000) - 29 * DAY_SECONDS;

// A model, a key and a status that were frequent in the first half, and not seen since.
const OLD_MODEL = 'gpt-3-retired';
const OLD_KEY = 5_001;
const OLD_STATUS = 501;

/** Each filter of the log, with values that many of the filled rows have, few, many but only old ones, or none. */
export const LOG_FILTERS: readonly (readonly [name: string, criteria: LogCriteria])[] = [
  ['no filter', {}],
  ['channel_id', { channel_id: 7 }],
  ['key_id', { key_id: 1234 }],
  ['key_id of old', { key_id: OLD_KEY }],
  ['token_id', { token_id: 12 }],
  ['model', { model: 'gpt-7' }],
  ['model of old', { model: OLD_MODEL }],
  ['model of nobody', { model: 'gpt-none' }],
  ['status of nearly all', { status: 200 }],
  ['status of few', { status: 502 }],
  ['status of old', { status: OLD_STATUS }],
  ['end_reason of nearly all', { end_reason: 'done' }],
  ['end_reason of few', { end_reason: 'timeout' }],
  ['end_reason of none', { end_reason: 'shutdown' }],
];

/**
 * Filters together, the column whose index has to serve, and how many of its rows may be read for each that is shown:
 * that depends on how many of them meet the other filters.
 */
export const COMBINED_FILTERS: readonly (readonly [
  name: string,
  criteria: LogCriteria,
  column: string,
  rowsPerShown: number,
])[] = [
  ['key_id and a status of nearly all', { key_id: 1234, status: 200 }, 'key_id', 2],
  ['key_id and an end_reason of nearly all', { key_id: 1234, end_reason: 'done' }, 'key_id', 2],
  ['key_id of nobody and a status of nearly all', { key_id: 9_999, status: 200 }, 'key_id', 0],
  ['status and end_reason of nearly all', { status: 200, end_reason: 'done' }, 'status', 2],
  ['channel_id and a status of nearly all', { channel_id: 3, status: 200 }, 'channel_id', 4],
  ['model, and status and end_reason of nearly all', { model: 'gpt-7', status: 200, end_reason: 'done' }, 'model', 2],
  ['channel_id and a status of few', { channel_id: 3, status: 502 }, 'status', 14],
  ['channel_id and an end_reason of few', { channel_id: 3, end_reason: 'timeout' }, 'end_reason', 14],
  ['channel_id and an end_reason of none', { channel_id: 3, end_reason: 'shutdown' }, 'end_reason', 0],
  ['status of old and an end_reason that it never had', { status: OLD_STATUS, end_reason: 'done' }, 'status', Infinity],
  [
    'channel_id, status, end_reason and model',
    { channel_id: 3, status: 200, end_reason: 'done', model: 'gpt-7' },
    'model',
    40,
  ],
];

/** The first quarter of the filled rows. */
export const LONG_AGO: LogCriteria = { from: LOG_BEGINS_AT, to: LOG_BEGINS_AT + LOG_SECONDS / 4 };

/**
 * Fills the log with the rows `first` to `last` of so many: of 20 channels with 2,000 keys, 200 tokens and 20 models; one
 * in twenty failed. But for their times the same each time.
 */
export async function fillRequestLog(
  database: string | ClientConfig,
  { first = 1, last, of = last }: { readonly first?: number; readonly last: number; readonly of?: number },
): Promise<void> {
  await runSql(
    database,
    `INSERT INTO request_logs (
       request_id, created_at, token_id, token_name, channel_id, key_id, key_index, model, model_sent, path, stream, status,
       end_reason, prompt_tokens, completion_tokens, cached_tokens, is_estimated, duration_ms, ttft_ms, attempts
     )
     SELECT md5(i::text), to_timestamp(${LOG_BEGINS_AT}) + i * (interval '1 second' * ${LOG_SECONDS} / $3), token_id,
       'token ' || token_id, channel_id, key_id, key_id / 20, model, model, '/v1/chat/completions', i % 2 = 0, status,
       CASE status WHEN 200 THEN CASE i % 97 WHEN 0 THEN 'client_gone' ELSE 'done' END
         WHEN 504 THEN 'timeout' WHEN 429 THEN 'refused' ELSE 'upstream_error' END,
       100 + i % 900, i % 700, 0, i % 50 = 0, 200 + i % 3000, 100 + i % 500,
       jsonb_build_array(jsonb_build_object('channel_id', channel_id, 'key_id', key_id, 'key_index', key_id / 20, 'status',
         status, 'verdict', CASE status WHEN 429 THEN 'KEY_RATE' END, 'duration_ms', 200 + i % 3000))
     FROM (
       SELECT i, 1 + random % 200 AS token_id, 1 + key % 20 AS channel_id,
         CASE WHEN is_old THEN ${OLD_KEY} ELSE 1 + key END AS key_id,
         CASE WHEN is_old THEN '${OLD_MODEL}' ELSE 'gpt-' || (random / 2000) % 20 END AS model,
         CASE WHEN is_old THEN ${OLD_STATUS} WHEN random % 20 > 0 THEN 200
           ELSE (ARRAY[429, 500, 502, 504])[1 + (random / 20) % 4] END AS status
       FROM (
         SELECT i, random, random / 7 % 2000 AS key, i < $3 / 2 AND random % 2 = 1 AS is_old
         FROM (SELECT i, abs(hashint8(i)::bigint) AS random FROM generate_series($1::bigint, $2::bigint) AS i) AS numbers
       ) AS choices
     ) AS requests`,
    [first, last, of],
  );
}
