/** What counts can be added up by. */
export const STATS_GROUPS = ['channel', 'key', 'token', 'model', 'batch'] as const;

export type StatsGroup = (typeof STATS_GROUPS)[number];

/** Stretches of time, in UTC, that counts can be split into. */
export const STATS_INTERVALS = ['hour', 'day'] as const;

export type StatsInterval = (typeof STATS_INTERVALS)[number];

/** What is counted, by the names of the columns. */
export const STATS_COUNTS = [
  'requests',
  'attempts',
  'ok',
  'rate_limited',
  'exhausted',
  'refused',
  'upstream_errors',
  'other_errors',
  'prompt_tokens',
  'completion_tokens',
  'cached_tokens',
] as const;

/** What the groups can be ordered by, the largest first; `tokens` are those of prompts and answers. */
export const STATS_ORDERS = [...STATS_COUNTS, 'tokens', 'mean_duration_ms'] as const;

export type StatsOrder = (typeof STATS_ORDERS)[number];

/** Which counts are wanted. Times are in Unix seconds and begin an hour. */
export interface StatsCriteria {
  readonly group_by: StatsGroup;
  readonly order_by: StatsOrder;
  readonly interval?: StatsInterval;
  readonly channel_id?: number;
  readonly from: number;
  /** The first hour that counts no more. */
  readonly to: number;
  /** Groups, however many rows each has. */
  readonly limit: number;
}
