import type { VerdictKind } from '../../channels/verdict-kinds';
import type { AttemptFailure } from './request-failures';

/**
 * Where the next attempt goes. `next-key`: the same channel before others, but for the last attempt. `elsewhere-first`: the
 * same channel only when there is no other. `another-channel`: no other key of this one would fare better.
 */
export type Destination = 'nowhere' | 'next-key' | 'elsewhere-first' | 'another-channel';

/** Whether and where a request should be tried again after a failed attempt. */
export interface RetryAdvice {
  readonly to: Destination;
  /** The most attempts that may still follow in this request. */
  readonly mostMore: number;
  /** Only within the retry budget of the channel that it goes to. */
  readonly needsBudget: boolean;
}

const NEVER: RetryAdvice = { to: 'nowhere', mostMore: 0, needsBudget: false };
// Each takes its key out of service, so these retries limit themselves.
const OTHER_KEYS: RetryAdvice = { to: 'next-key', mostMore: Infinity, needsBudget: false };
const ONE_OTHER_KEY: RetryAdvice = { ...OTHER_KEYS, mostMore: 1 };
const ELSEWHERE: RetryAdvice = { to: 'elsewhere-first', mostMore: Infinity, needsBudget: true };
const ONCE_ELSEWHERE: RetryAdvice = { ...ELSEWHERE, mostMore: 1 };
const ANOTHER_CHANNEL: RetryAdvice = { to: 'another-channel', mostMore: Infinity, needsBudget: true };

const BY_VERDICT: Readonly<Record<VerdictKind, RetryAdvice>> = {
  REQUEST: NEVER,
  KEY_RATE: OTHER_KEYS,
  KEY_EXHAUSTED: OTHER_KEYS,
  KEY_DEAD: OTHER_KEYS,
  KEY_MODEL: ONE_OTHER_KEY,
  CHANNEL: ELSEWHERE,
  HOST: ANOTHER_CHANNEL,
  AMBIGUOUS: OTHER_KEYS,
};

/** Upstreams say so of a request that they may have begun. */
const MAYBE_BEGUN_STATUSES = [408, 409];

export function retryAdvice({ verdict, answer, transport }: AttemptFailure): RetryAdvice {
  if (verdict.kind !== 'CHANNEL') return BY_VERDICT[verdict.kind];
  // What was sent whole may be paid for already.
  const mayHaveBegun = transport?.wasSent ?? MAYBE_BEGUN_STATUSES.includes(answer?.status ?? 0);
  return mayHaveBegun ? ONCE_ELSEWHERE : ELSEWHERE;
}
