import type { AttemptRecord, EndReason, RequestRecord } from '../request-record';
import type { UsageSum } from '../request-sums';
import type { TokenUsage } from '../token-usage';

// The first item of a payload says what the others are. New items are put at the end, so that programs of before and after
// can read each other's journals; what would not fit in so gets a kind of its own.
const RECORD = 1;
const SUM = 2;

type WireAttempt = readonly [number, number, number, number, number, number, string | null];
type WireUsage = readonly [number | null, number | null, number | null];

type WireRecord = readonly [
  kind: typeof RECORD,
  requestId: string,
  startedAtMs: number,
  durationMs: number,
  ttftMs: number | null,
  tokenId: number,
  path: string,
  modelAsked: string,
  modelSent: string | null,
  isStream: 0 | 1,
  status: number,
  endReason: EndReason,
  usage: WireUsage | null,
  isEstimated: 0 | 1,
  attempts: readonly WireAttempt[],
];

const SUM_FIELDS = [
  'hourMs',
  'channelId',
  'keyId',
  'tokenId',
  'model',
  'requests',
  'attempts',
  'ok',
  'rateLimited',
  'exhausted',
  'refused',
  'upstreamErrors',
  'otherErrors',
  'promptTokens',
  'completionTokens',
  'cachedTokens',
  'durationMs',
  'lastUsedMs',
] as const satisfies readonly (keyof UsageSum)[];

/** What one payload of a segment holds. */
export type JournalEntry = { readonly record: RequestRecord } | { readonly sum: UsageSum };

/** The payload for one request: a JSON array, whatever is in its texts. */
export function encodeRecord(record: RequestRecord): string {
  const { usage } = record;
  const wire: WireRecord = [
    RECORD,
    record.requestId,
    record.startedAtMs,
    record.durationMs,
    record.ttftMs,
    record.tokenId,
    record.path,
    record.modelAsked,
    record.modelSent,
    record.isStream ? 1 : 0,
    record.status,
    record.endReason,
    usage && [usage.promptTokens, usage.completionTokens, usage.cachedTokens],
    record.isEstimated ? 1 : 0,
    record.attempts.map(wireAttempt),
  ];
  return JSON.stringify(wire);
}

/** The payload for counts of requests whose details are dropped. */
export function encodeSum(sum: UsageSum): string {
  return JSON.stringify([SUM, ...SUM_FIELDS.map((field) => sum[field])]);
}

/** What a payload of sound bytes says; null for a kind that this program does not know. Never throws. */
export function decodeEntry(payload: Buffer): JournalEntry | null {
  try {
    const wire = JSON.parse(payload.toString()) as readonly unknown[];
    if (wire[0] === RECORD) return { record: recordOf(wire as WireRecord) };
    return wire[0] === SUM ? { sum: sumOf(wire.slice(1)) } : null;
  } catch {
    return null;
  }
}

function wireAttempt(attempt: AttemptRecord): WireAttempt {
  const { channelId, keyId, keyIndex, startedAtMs, durationMs, status, verdict } = attempt;
  return [channelId, keyId, keyIndex, startedAtMs, durationMs, status, verdict];
}

function recordOf(wire: WireRecord): RequestRecord {
  const [, requestId, startedAtMs, durationMs, ttftMs, tokenId, path, modelAsked, modelSent, ...others] = wire;
  const [isStream, status, endReason, usage, isEstimated, attempts] = others;
  return {
    requestId,
    startedAtMs,
    durationMs,
    ttftMs,
    tokenId,
    path,
    modelAsked,
    modelSent,
    isStream: isStream === 1,
    status,
    endReason,
    usage: usage && usageOf(usage),
    isEstimated: isEstimated === 1,
    attempts: attempts.map(attemptOf),
  };
}

function usageOf([promptTokens, completionTokens, cachedTokens]: WireUsage): TokenUsage {
  return { promptTokens, completionTokens, cachedTokens };
}

function attemptOf(wire: WireAttempt): AttemptRecord {
  const [channelId, keyId, keyIndex, startedAtMs, durationMs, status, verdict] = wire;
  return { channelId, keyId, keyIndex, startedAtMs, durationMs, status, verdict };
}

function sumOf(values: readonly unknown[]): UsageSum {
  return Object.fromEntries(SUM_FIELDS.map((field, i) => [field, values[i]])) as unknown as UsageSum;
}
