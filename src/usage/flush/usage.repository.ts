import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../database/transactions';
import { USAGE_COUNTERS, type UsageSum } from '../request-sums';
import type { LogRow } from './log-row';
import type { TokenTotal } from '../spend/token-spending';
import type { TokenUsageDelta } from './usage-deltas';

// A statement's rows are made text in one go, during which no request moves on: about a millisecond for so many.
const ROWS_PER_STATEMENT = 500;

const list = (write: (counter: string) => string): string => USAGE_COUNTERS.map(write).join(', ');
const columnOf = (counter: string): string => counter.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const ADD_HOURS = `
  INSERT INTO usage_hourly AS known (hour, channel_id, key_id, token_id, model, ${list(columnOf)})
  SELECT to_timestamp("hourMs" / 1000.0), "channelId", "keyId", "tokenId", model, ${list((counter) => `"${counter}"`)}
  FROM json_to_recordset($1) AS sum (
    "hourMs" bigint, "channelId" bigint, "keyId" bigint, "tokenId" bigint, model text,
    ${list((counter) => `"${counter}" bigint`)}
  )
  ON CONFLICT (hour, channel_id, key_id, token_id, model) DO UPDATE
  SET ${list((counter) => `${columnOf(counter)} = known.${columnOf(counter)} + excluded.${columnOf(counter)}`)}`;

const ADD_LOGS = `
  INSERT INTO request_logs (
    request_id, created_at, token_id, token_name, channel_id, key_id, key_index, model, model_sent, path, stream, status,
    end_reason, prompt_tokens, completion_tokens, cached_tokens, is_estimated, duration_ms, ttft_ms, attempts
  )
  SELECT request_id, to_timestamp(created_at / 1000.0), token_id, (SELECT name FROM tokens WHERE id = token_id),
    channel_id, key_id, key_index, model, model_sent, path, stream, status,
    end_reason, prompt_tokens, completion_tokens, cached_tokens, is_estimated, duration_ms, ttft_ms, attempts
  FROM json_to_recordset($1) AS log (
    request_id text, created_at bigint, token_id bigint, channel_id bigint, key_id bigint, key_index integer, model text,
    model_sent text, path text, stream boolean, status smallint, end_reason text, prompt_tokens bigint,
    completion_tokens bigint, cached_tokens bigint, is_estimated boolean, duration_ms integer, ttft_ms integer,
    attempts jsonb
  )`;

const TOKEN_TOTAL = 'token_id AS "tokenId", period, requests, tokens';

const ADD_TOKEN_USAGE = `
  INSERT INTO token_usage AS known (token_id, period, requests, tokens)
  SELECT "tokenId", period, requests, tokens
  FROM json_to_recordset($1) AS delta ("tokenId" bigint, period text, requests bigint, tokens bigint)
  ON CONFLICT (token_id, period) DO UPDATE
  SET requests = known.requests + excluded.requests, tokens = known.tokens + excluded.tokens
  RETURNING ${TOKEN_TOTAL}`;

const FIND_TOKEN_USAGE = `
  SELECT ${TOKEN_TOTAL} FROM token_usage
  WHERE (token_id, period) IN (
    SELECT "tokenId", period FROM json_to_recordset($1) AS delta ("tokenId" bigint, period text)
  )`;

/** The driver gives bigints as text. */
type TotalRow = Readonly<Record<keyof TokenTotal, string>>;

/** Writes what requests left behind, rows by the hundred; those that add to rows lock them in the order given. */
@Injectable()
export class UsageRepository {
  /** False when the database has this batch already; else it will when the transaction commits. */
  async claimBatch(transaction: Transaction, instance: string, seq: number): Promise<boolean> {
    const claimed = await transaction.query<unknown[]>(
      'INSERT INTO usage_batches (instance, seq) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING seq',
      [instance, seq],
    );
    return claimed.length > 0;
  }

  async addLogs(transaction: Transaction, rows: readonly LogRow[]): Promise<void> {
    await this.write(transaction, ADD_LOGS, rows);
  }

  async addHours(transaction: Transaction, sums: readonly UsageSum[]): Promise<void> {
    await this.write(transaction, ADD_HOURS, sums);
  }

  /** Answers what that comes to. */
  async addTokenUsage(transaction: Transaction, deltas: readonly TokenUsageDelta[]): Promise<TokenTotal[]> {
    return (await this.write<TotalRow>(transaction, ADD_TOKEN_USAGE, deltas)).map(totalOf);
  }

  /** What the tokens and periods of these deltas come to. */
  async tokenTotals(transaction: Transaction, deltas: readonly TokenUsageDelta[]): Promise<TokenTotal[]> {
    return (await this.write<TotalRow>(transaction, FIND_TOKEN_USAGE, deltas)).map(totalOf);
  }

  private async write<T>(transaction: Transaction, statement: string, rows: readonly object[]): Promise<T[]> {
    const answers: T[] = [];
    for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
      const some = JSON.stringify(rows.slice(start, start + ROWS_PER_STATEMENT));
      answers.push(...(await transaction.query<T[]>(statement, [some])));
    }
    return answers;
  }
}

function totalOf({ tokenId, period, requests, tokens }: TotalRow): TokenTotal {
  return { tokenId: Number(tokenId), period, requests: Number(requests), tokens: Number(tokens) };
}
