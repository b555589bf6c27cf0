import type { LoggedAttempt } from '../request-log.entity';
import type { AttemptRecord, RequestRecord } from '../request-record';
import { storableCount, storableMs, storableText, storableTokens } from '../storable';
import { type TokenUsage, UNKNOWN_USAGE } from '../token-usage';

const MOST_STATUS = 999;

/** One row of `request_logs` to be, by the names of its columns. */
export interface LogRow {
  readonly request_id: string;
  /** Unix milliseconds. */
  readonly created_at: number;
  readonly token_id: number;
  readonly channel_id: number | null;
  readonly key_id: number | null;
  readonly key_index: number | null;
  readonly model: string;
  readonly model_sent: string | null;
  readonly path: string;
  readonly stream: boolean;
  readonly status: number;
  readonly end_reason: string;
  readonly prompt_tokens: number | null;
  readonly completion_tokens: number | null;
  readonly cached_tokens: number | null;
  readonly is_estimated: boolean;
  readonly duration_ms: number;
  readonly ttft_ms: number | null;
  readonly attempts: readonly LoggedAttempt[];
}

/** The record as its row, each value fit for its column. */
export function logRow(record: RequestRecord): LogRow {
  const { attempts } = record;
  return {
    request_id: record.requestId,
    created_at: storableMs(record.startedAtMs),
    token_id: record.tokenId,
    ...servedBy(attempts.at(-1)),
    model: storableText(record.modelAsked),
    model_sent: unlessNull(record.modelSent, storableText),
    path: storableText(record.path),
    stream: record.isStream,
    status: storableStatus(record.status),
    end_reason: record.endReason,
    ...tokensOf(record.usage ?? UNKNOWN_USAGE),
    is_estimated: record.isEstimated,
    duration_ms: storableCount(record.durationMs),
    ttft_ms: unlessNull(record.ttftMs, storableCount),
    attempts: attempts.map(loggedAttempt),
  };
}

function servedBy(last: AttemptRecord | undefined): Pick<LogRow, 'channel_id' | 'key_id' | 'key_index'> {
  if (!last) return { channel_id: null, key_id: null, key_index: null };
  return { channel_id: last.channelId, key_id: last.keyId, key_index: last.keyIndex };
}

function tokensOf(usage: TokenUsage): Pick<LogRow, 'prompt_tokens' | 'completion_tokens' | 'cached_tokens'> {
  return {
    prompt_tokens: unlessNull(usage.promptTokens, storableTokens),
    completion_tokens: unlessNull(usage.completionTokens, storableTokens),
    cached_tokens: unlessNull(usage.cachedTokens, storableTokens),
  };
}

function loggedAttempt(attempt: AttemptRecord): LoggedAttempt {
  return {
    channel_id: attempt.channelId,
    key_id: attempt.keyId,
    key_index: attempt.keyIndex,
    status: storableStatus(attempt.status),
    verdict: attempt.verdict,
    duration_ms: storableCount(attempt.durationMs),
  };
}

function storableStatus(status: number): number {
  return Math.min(storableCount(status), MOST_STATUS);
}

function unlessNull<T, R>(value: T | null, storable: (value: T) => R): R | null {
  return value === null ? null : storable(value);
}
