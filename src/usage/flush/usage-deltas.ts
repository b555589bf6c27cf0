import type { KeyUsageDelta } from '../../keys/key-usage';
import { BUDGET_PERIODS, periodName } from '../../tokens/budget-period';
import type { UsageSum } from '../request-sums';

/** What to add to one token's usage in one period. */
export interface TokenUsageDelta {
  readonly tokenId: number;
  /** `total`, `2026-11-23` or `2026-11`. */
  readonly period: string;
  /** That an upstream served. */
  readonly requests: number;
  readonly tokens: number;
}

type Growing<T> = { -readonly [field in keyof T]: T[field] };

/** In the order of the table's primary key: whoever locks rows in one order with everybody else waits, but never in a circle. */
export function inOrder(sums: readonly UsageSum[]): UsageSum[] {
  return sums.toSorted(
    (one, other) =>
      one.hourMs - other.hourMs ||
      one.channelId - other.channelId ||
      one.keyId - other.keyId ||
      one.tokenId - other.tokenId ||
      compareTexts(one.model, other.model),
  );
}

/** What keys are to be credited with, by key id; attempts count as requests. */
export function keyDeltas(sums: readonly UsageSum[]): KeyUsageDelta[] {
  const deltas = new Map<number, Growing<KeyUsageDelta>>();
  for (const sum of sums) {
    if (sum.keyId === 0) continue;
    const { keyId } = sum;
    const delta = valueAt(deltas, keyId, () => ({ keyId, requests: 0, tokens: 0, lastUsedMs: 0 }));
    delta.requests += sum.attempts;
    delta.tokens += tokensOf(sum);
    delta.lastUsedMs = Math.max(delta.lastUsedMs, sum.lastUsedMs);
  }
  return [...deltas.values()].sort((one, other) => one.keyId - other.keyId);
}

/** What tokens have used in all, by day and by month (UTC), in the order of token id and period. */
export function tokenDeltas(sums: readonly UsageSum[]): TokenUsageDelta[] {
  const deltas = new Map<string, Growing<TokenUsageDelta>>();
  const periodsAt = new Map<number, readonly string[]>();
  for (const sum of sums) {
    if (sum.requests === 0) continue;
    const { tokenId, hourMs } = sum;
    for (const period of valueAt(periodsAt, hourMs, () => BUDGET_PERIODS.map((one) => periodName(one, hourMs)))) {
      const delta = valueAt(deltas, `${tokenId}:${period}`, () => ({ tokenId, period, requests: 0, tokens: 0 }));
      delta.requests += sum.ok;
      delta.tokens += tokensOf(sum);
    }
  }
  return [...deltas.values()].sort(
    (one, other) => one.tokenId - other.tokenId || compareTexts(one.period, other.period),
  );
}

function tokensOf({ promptTokens, completionTokens }: UsageSum): number {
  return promptTokens + completionTokens;
}

function compareTexts(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function valueAt<K, V>(map: Map<K, V>, key: K, fresh: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = fresh()));
  return value;
}
