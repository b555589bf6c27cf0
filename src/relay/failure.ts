import type { FailureScope } from './attempt-plan';
import { allRateLimited, REFUSALS, type Refusal, upstreamAnswered } from './refusal';

const LONGEST_RETRY_AFTER_S = 60;
const DEFAULT_RETRY_AFTER_S = 5;

/** Why an attempt failed in a way that another key or channel may not. */
export type Failure =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'rate-limited'; readonly status: 429; readonly retryAfterS: number }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'timeout' };

/** Whether an upstream's status is a reason to try elsewhere; all others are the request's own and pass to the client. */
export function isFailureStatus(status: number): boolean {
  // A redirect is never followed: it would carry the key to wherever the upstream says.
  if (status >= 500 || (status >= 300 && status < 400)) return true;
  return status === 401 || status === 402 || status === 403 || status === 408 || status === 409 || status === 429;
}

/** The failure that an upstream's status stands for; `retryAfter` is its header, empty when it has none. */
export function statusFailure(status: number, retryAfter: string): Failure {
  return status === 429
    ? { kind: 'rate-limited', status, retryAfterS: seconds(retryAfter) }
    : { kind: 'status', status };
}

/**
 * Which of a request's failures its client hears of: as long as one key is only rate limited, waiting helps, and the
 * soonest to be free again says how long.
 */
export function worthTelling(before: Failure | null, latest: Failure): Failure {
  if (before?.kind !== 'rate-limited') return latest;
  if (latest.kind !== 'rate-limited') return before;
  return before.retryAfterS < latest.retryAfterS ? before : latest;
}

/** Sorts a transport error by what it tells the client. */
export function failureOf(error: unknown): Failure {
  const code = (error as { code?: unknown } | null)?.code;
  const isTimeout =
    code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT' || code === 'UND_ERR_CONNECT_TIMEOUT';
  return { kind: isTimeout ? 'timeout' : 'unreachable' };
}

export function scopeOf({ kind }: Failure): FailureScope {
  return kind === 'status' || kind === 'rate-limited' ? 'key' : 'address';
}

/** What the client hears when the attempts are used up. A pool key's own trouble is never shown as the client's. */
export function refusalOf(failure: Failure): Refusal {
  switch (failure.kind) {
    case 'timeout':
      return REFUSALS.timeout;
    case 'unreachable':
      return REFUSALS.unreachable;
    case 'rate-limited':
      return allRateLimited(failure.retryAfterS);
    case 'status':
      return statusRefusal(failure.status);
  }
}

function statusRefusal(status: number): Refusal {
  if (status === 401 || status === 402 || status === 403) return REFUSALS.keysRefused;
  return status === 408 ? REFUSALS.timeout : upstreamAnswered(status);
}

function seconds(retryAfter: string): number {
  const wanted = /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) : DEFAULT_RETRY_AFTER_S;
  return Math.min(Math.max(wanted, 1), LONGEST_RETRY_AFTER_S);
}
