import { STATS_COUNTS, type StatsCriteria, type StatsInterval, type StatsOrder } from './stats-criteria';
import { STATS_GROUPINGS } from './stats-groupings';

/** A statement and its parameters. */
interface StatsQuery {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

const SPANS: Readonly<Record<StatsInterval, string>> = { hour: 'hour', day: `date_trunc('day', hour, 'UTC')` };

const SUMMED = [...STATS_COUNTS, 'duration_ms'];

/** What groups are ordered by where that is not one of the counts. */
const SCORES: Readonly<Partial<Record<StatsOrder, string>>> = {
  tokens: 'sum(prompt_tokens + completion_tokens)',
  mean_duration_ms: 'sum(duration_ms) / nullif(sum(requests), 0)',
};

/** Adds up what was counted, a row a group and interval, the groups in the order asked for; at most `most` rows. */
export function statsQuery(criteria: StatsCriteria, most: number): StatsQuery {
  const { group_by, interval, order_by, channel_id, from, to, limit } = criteria;
  const { source, by, shown, joined } = STATS_GROUPINGS[group_by];
  const names = Object.keys(by);
  const group = names.join(', ');
  const columns = [...Object.entries(by), ['at', interval ? SPANS[interval] : 'NULL::timestamptz'] as const];
  const sql = `
    WITH hourly AS (
      SELECT * FROM usage_hourly WHERE hour >= to_timestamp($1) AND hour < to_timestamp($2)
    ), used AS (
      SELECT ${columns.map(([name, value]) => `${value} AS ${name}`).join(', ')},
        ${SUMMED.map((count) => `coalesce(sum(${count}), 0)::float8 AS ${count}`).join(', ')}
      FROM ${source}
      ${channel_id === undefined ? '' : `WHERE ${by['channel_id'] ?? 'hourly.channel_id'} = $5`}
      GROUP BY ${columns.map((_, i) => i + 1).join(', ')}
    ), top AS (
      SELECT ${group}, ${SCORES[order_by] ?? `sum(${order_by})`} AS score FROM used
      GROUP BY ${group} ORDER BY score DESC NULLS LAST, ${group} LIMIT $3
    )
    SELECT ${shown}, extract(epoch FROM used.at)::float8 AS at, ${STATS_COUNTS.join(', ')},
      round(duration_ms / nullif(requests, 0)) AS mean_duration_ms
    FROM top JOIN used USING (${group}) ${joined}
    ${interval ? 'WHERE used.at IS NOT NULL' : ''}
    ORDER BY score DESC NULLS LAST, ${names.map((name) => `used.${name}`).join(', ')}, used.at LIMIT $4`;
  return { sql, parameters: [from, to, limit, most, ...(channel_id === undefined ? [] : [channel_id])] };
}
