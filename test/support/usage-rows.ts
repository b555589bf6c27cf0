import type { ClientConfig } from 'pg';
import { runSql } from './database-rows';

type Fields = Readonly<Record<string, unknown>>;

/** A request of the log as the database holds it; what is not given is filled in. */
export async function insertLog(database: string | ClientConfig, fields: Fields): Promise<number> {
  const row = {
    request_id: 'request-0001',
    created_at: new Date(),
    token_id: 1,
    token_name: 'a client',
    model: 'gpt-4o',
    path: '/v1/chat/completions',
    stream: false,
    status: 200,
    end_reason: 'done',
    is_estimated: false,
    duration_ms: 950,
    attempts: [],
    ...fields,
  };
  const [inserted] = await insert(database, 'request_logs', { ...row, attempts: JSON.stringify(row.attempts) });
  return Number(inserted?.['id']);
}

/** The counts of a group that did nothing. */
export const NO_COUNTS = {
  requests: 0,
  attempts: 0,
  ok: 0,
  rate_limited: 0,
  exhausted: 0,
  refused: 0,
  upstream_errors: 0,
  other_errors: 0,
  prompt_tokens: 0,
  completion_tokens: 0,
  cached_tokens: 0,
};

/** What one key did within one hour; counts that are not given are 0. */
export async function insertHour(database: string | ClientConfig, fields: Fields): Promise<void> {
  await insert(database, 'usage_hourly', {
    token_id: 1,
    model: 'gpt-4o',
    ...NO_COUNTS,
    duration_ms: 0,
    ...fields,
  });
}

async function insert(database: string | ClientConfig, table: string, row: Fields): Promise<Fields[]> {
  const names = Object.keys(row);
  const places = names.map((_, i) => `$${i + 1}`);
  const sql = `INSERT INTO ${table} (${names.join(', ')}) VALUES (${places.join(', ')}) RETURNING *`;
  return runSql(database, sql, Object.values(row));
}
