import { randomUUID } from 'node:crypto';
import type { AttemptRecord, RequestRecord } from '../../src/usage/request-record';

/** The record of a plain request that the first attempt served, but for what is given. */
export function aRecord(given: Partial<RequestRecord> = {}): RequestRecord {
  return {
    requestId: randomUUID(),
    startedAtMs: Date.UTC(2026, 9, 31, 23, 30),
    durationMs: 120,
    ttftMs: 40,
    tokenId: 7,
    path: '/v1/chat/completions',
    modelAsked: 'small',
    modelSent: 'small-2',
    isStream: false,
    status: 200,
    endReason: 'done',
    usage: { promptTokens: 10, completionTokens: 5, cachedTokens: null },
    isEstimated: false,
    attempts: [anAttempt()],
    ...given,
  };
}

/** An attempt that went well, but for what is given. */
export function anAttempt(given: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    channelId: 1,
    keyId: 11,
    keyIndex: 0,
    startedAtMs: Date.UTC(2026, 9, 31, 23, 30),
    durationMs: 100,
    status: 200,
    verdict: null,
    ...given,
  };
}

/** So many of them. */
export function someRecords(count: number, given: Partial<RequestRecord> = {}): RequestRecord[] {
  return Array.from({ length: count }, () => aRecord(given));
}
