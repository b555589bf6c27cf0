import type { ClientConfig } from 'pg';
import { runSql } from './database-rows';
import type { TracedLoad } from './traced-load';

const MOST_NAMED = 5;

/** Rows of what was counted by the hour, and of what the log says that it should be, where the two differ. */
const WRONG_HOURS = `
  SELECT coalesce(logged.key_id, counted.key_id) AS key_id, logged.*, counted.*
  FROM (
    SELECT date_trunc('hour', created_at, 'UTC') AS hour, (attempt->>'channel_id')::bigint AS channel_id,
      (attempt->>'key_id')::bigint AS key_id, token_id, model, count(*) AS attempts,
      count(*) FILTER (WHERE is_last) AS requests,
      count(*) FILTER (WHERE attempt->>'verdict' IS NULL AND (attempt->>'status')::int BETWEEN 200 AND 299) AS ok,
      count(*) FILTER (WHERE attempt->>'verdict' = 'KEY_RATE') AS rate_limited,
      coalesce(sum(prompt_tokens) FILTER (WHERE is_last), 0) AS prompt_tokens,
      coalesce(sum(completion_tokens) FILTER (WHERE is_last), 0) AS completion_tokens,
      sum(duration_ms) FILTER (WHERE is_last) AS duration_ms
    FROM (
      SELECT request_logs.*, attempt, number = jsonb_array_length(attempts) AS is_last
      FROM request_logs, jsonb_array_elements(attempts) WITH ORDINALITY AS tried (attempt, number)
    ) AS tries
    GROUP BY 1, 2, 3, 4, 5
  ) AS logged
  FULL JOIN usage_hourly AS counted USING (hour, channel_id, key_id, token_id, model)
  WHERE (logged.attempts, logged.requests, logged.ok, logged.rate_limited, logged.prompt_tokens,
      logged.completion_tokens, coalesce(logged.duration_ms, 0))
    IS DISTINCT FROM (counted.attempts, counted.requests, counted.ok, counted.rate_limited, counted.prompt_tokens,
      counted.completion_tokens, counted.duration_ms)`;

/** The same for the counts of keys. */
const WRONG_KEYS = `
  SELECT keys.id, keys.usage, hours.attempts
  FROM channel_keys AS keys
  FULL JOIN (SELECT key_id AS id, sum(attempts) AS attempts FROM usage_hourly GROUP BY 1) AS hours USING (id)
  WHERE coalesce(keys.usage, 0) <> coalesce(hours.attempts, 0)`;

/** The same for the counts of tokens, in all and by month. */
const WRONG_TOKENS = `
  SELECT periods.*, hours.*
  FROM (
    SELECT token_id, sum(requests) FILTER (WHERE period = 'total') AS in_all, sum(tokens) FILTER (WHERE period = 'total') AS tokens,
      sum(requests) FILTER (WHERE length(period) = 7) AS by_month, sum(requests) FILTER (WHERE length(period) = 10) AS by_day
    FROM token_usage GROUP BY 1
  ) AS periods
  FULL JOIN (
    SELECT token_id, sum(ok) AS requests, sum(prompt_tokens + completion_tokens) AS tokens FROM usage_hourly GROUP BY 1
  ) AS hours USING (token_id)
  WHERE (in_all, by_month, by_day, periods.tokens) IS DISTINCT FROM (requests, requests, requests, hours.tokens)`;

/** Requests, unless it says attempts. */
interface AuditTotals {
  readonly delivered: number;
  readonly recorded: number;
  readonly recordedAttempts: number;
  readonly seenAttempts: number;
}

/** Compares what the database has of a load's requests with what callers and upstream know of them. */
export class UsageAudit {
  /** Attempts by request. */
  private readonly recorded = new Map<string, number>();
  private lastId = 0;

  constructor(
    private readonly database: ClientConfig,
    private readonly load: TracedLoad,
  ) {}

  /** Fails unless answers delivered <= recorded <= seen by the upstream, for each request, none twice, and all counts fit the log. */
  async expectSound(): Promise<AuditTotals> {
    const { delivered, seen } = this.load;
    const twice = await this.readLog();
    const missing = [...delivered].filter((id) => !this.recorded.has(id));
    const unseen = [...this.recorded].filter(([id, attempts]) => attempts > (seen.get(id) ?? 0));
    const firstOf = (list: readonly unknown[]): unknown[] => [list.length, ...list.slice(0, MOST_NAMED)];
    expect({ twice: firstOf(twice), missing: firstOf(missing), unseen: firstOf(unseen) }).toEqual({
      twice: [0],
      missing: [0],
      unseen: [0],
    });
    for (const query of [WRONG_HOURS, WRONG_KEYS, WRONG_TOKENS]) expect(await this.query(query)).toEqual([]);
    return {
      delivered: delivered.size,
      recorded: this.recorded.size,
      recordedAttempts: sumOf(this.recorded),
      seenAttempts: sumOf(seen),
    };
  }

  /** The same where nothing was killed: each request that the upstream saw is recorded, with each of its attempts. */
  async expectComplete(): Promise<AuditTotals> {
    const totals = await this.expectSound();
    expect(totals.recordedAttempts).toBe(totals.seenAttempts);
    return totals;
  }

  /** Answers the requests that came for a second time. */
  private async readLog(): Promise<string[]> {
    const rows = await this.query(
      `SELECT id, request_id, jsonb_array_length(attempts) AS attempts FROM request_logs WHERE id > ${this.lastId} ORDER BY id`,
    );
    const twice: string[] = [];
    for (const { id, request_id, attempts } of rows) {
      const requestId = String(request_id);
      if (this.recorded.has(requestId)) twice.push(requestId);
      this.recorded.set(requestId, Number(attempts));
      this.lastId = Number(id);
    }
    return twice;
  }

  private query(sql: string): Promise<Record<string, unknown>[]> {
    return runSql(this.database, sql);
  }
}

function sumOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
