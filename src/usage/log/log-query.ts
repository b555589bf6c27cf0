import type { EndReason } from '../request-record';

/** Which requests of the log are wanted; each field narrows the choice. Times are in Unix seconds. */
export interface LogCriteria {
  readonly channel_id?: number;
  readonly key_id?: number;
  readonly token_id?: number;
  readonly model?: string;
  readonly status?: number;
  readonly end_reason?: EndReason;
  /** The first second that counts. */
  readonly from?: number;
  /** The first second that counts no more. */
  readonly to?: number;
  /** Only what comes after this item, in the order in which the log is shown. */
  readonly after_id?: number;
  readonly request_id?: string;
}

/** A statement and its parameters, and one that has to go before it in its transaction. */
export interface LogQuery {
  readonly setting: string;
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

// Where it expects few rows, the planner would rather collect all that match and sort them, for each page again.
const READ_IN_ORDER = 'SET LOCAL enable_bitmapscan = off';

/** The columns that can be asked for one value; first those of which one value has few rows, as a rule. */
const MATCHED = ['request_id', 'key_id', 'model', 'token_id', 'status', 'end_reason', 'channel_id'] as const;

type Matched = (typeof MATCHED)[number];

/** What most requests come to. */
const USUAL: LogCriteria = { status: 200, end_reason: 'done' };

const BOUNDED = ['from', 'to', 'after_id'] as const;

const BOUNDS: Readonly<Record<(typeof BOUNDED)[number], (value: string) => string>> = {
  from: (value) => `created_at >= to_timestamp(${value})`,
  to: (value) => `created_at < to_timestamp(${value})`,
  // An item that has come of age and is gone leaves nothing after it: what is older went before.
  after_id: (value) => `(created_at, id) < (SELECT created_at, id FROM request_logs WHERE id = ${value})`,
};

// As the API shows them. Numbers of 64 bits become doubles, which the driver does not give as text.
const COLUMNS = `
  log.id::float8 AS id, request_id, floor(extract(epoch FROM log.created_at))::float8 AS created_at,
  token_id::float8 AS token_id, token_name, log.channel_id::float8 AS channel_id, key_id::float8 AS key_id, key_index,
  key.mask AS key, model, model_sent, path, stream, log.status, end_reason, prompt_tokens::float8 AS prompt_tokens,
  completion_tokens::float8 AS completion_tokens, cached_tokens::float8 AS cached_tokens, is_estimated, duration_ms,
  ttft_ms, attempts`;

/** Reads at most so many of these requests, the newest first. */
export function logQuery(criteria: LogCriteria, most: number): LogQuery {
  const parameters: unknown[] = [most];
  const valueOf = (field: keyof LogCriteria): string => `$${parameters.push(criteria[field])}`;
  const isAsked = (field: keyof LogCriteria): boolean => criteria[field] !== undefined;
  const conditions = [
    ...rarestFirst(criteria, MATCHED.filter(isAsked)).map((field, i) => matchOf(field, valueOf(field), i === 0)),
    ...BOUNDED.filter(isAsked).map((field) => BOUNDS[field](valueOf(field))),
  ];
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  const sql = `SELECT ${COLUMNS}
    FROM (SELECT * FROM request_logs ${where} ORDER BY created_at DESC, id DESC LIMIT $1) AS log
    LEFT JOIN channel_keys AS key ON key.id = log.key_id
    ORDER BY log.created_at DESC, log.id DESC`;
  return { setting: READ_IN_ORDER, sql, parameters };
}

function rarestFirst(criteria: LogCriteria, matched: readonly Matched[]): readonly Matched[] {
  const isUsual = (field: Matched): boolean => criteria[field] === USUAL[field];
  return [...matched.filter((field) => !isUsual(field)), ...matched.filter(isUsual)];
}

/**
 * The first match drives: its column leads an index that goes on with the order of the list, and the page is one piece
 * of that. The others are checked row by row, in words for which no index serves and few rows are expected to fail.
 */
function matchOf(field: Matched, value: string, isDriving: boolean): string {
  return isDriving ? `${field} = ${value}` : `nullif(${field} = ${value}, false) IS NOT NULL`;
}
