import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock';
import type { TokenGrant } from '../../tokens/token-directory';
import { RecentStarts } from './recent-starts';

/** Leave to serve one request. */
export interface Admission {
  /** A flat list of names and values, empty where nothing limits the rate: what the client is told about its limit. */
  readonly headers: readonly string[];
  /** To be called when the request has ended; calling it again changes nothing. */
  release(): void;
}

/** Why a token has to wait; the request was not counted. */
export interface LimitDenial {
  readonly exceeds: 'rate' | 'concurrency';
  readonly message: string;
  /** From 1 to 60. */
  readonly retryAfterS: number;
  readonly headers: readonly string[];
}

/** What a limited token has done of late. */
interface TokenActivity {
  readonly starts: RecentStarts;
  inFlight: number;
}

const WINDOW_MS = 60_000;
const MINUTE_S = 60;

const NO_HEADERS: readonly string[] = [];
const UNLIMITED: Admission = { headers: NO_HEADERS, release: () => undefined };

/**
 * Holds each token to its limits: never more than `requestsPerMinute` starts within any 60 seconds, never more than
 * `concurrentRequests` in flight. It counts what this instance serves; several instances each grant the whole limit.
 */
@Injectable()
export class TokenLimiter {
  private readonly activities = new Map<number, TokenActivity>();
  private sweptAtMs: number;

  constructor(private readonly clock: Clock) {
    this.sweptAtMs = clock.nowMs();
  }

  admit(token: TokenGrant): Admission | LimitDenial {
    const { requestsPerMinute, concurrentRequests } = token;
    if (requestsPerMinute === null && concurrentRequests === null) return UNLIMITED;
    const nowMs = this.clock.nowMs();
    const activity = this.activityOf(token.id, nowMs);
    const { starts } = activity;
    starts.forgetUntil(nowMs - WINDOW_MS);
    if (requestsPerMinute !== null && starts.count >= requestsPerMinute) {
      return rateDenial(requestsPerMinute, starts, nowMs);
    }
    if (concurrentRequests !== null && activity.inFlight >= concurrentRequests) {
      return concurrencyDenial(concurrentRequests, rateHeaders(requestsPerMinute, starts, nowMs));
    }
    // Without a limit of the rate nobody will ask how many there were.
    if (requestsPerMinute !== null) starts.add(nowMs);
    return admission(activity, rateHeaders(requestsPerMinute, starts, nowMs));
  }

  private activityOf(tokenId: number, nowMs: number): TokenActivity {
    this.forgetIdle(nowMs);
    const known = this.activities.get(tokenId);
    if (known) return known;
    const activity = { starts: new RecentStarts(), inFlight: 0 };
    this.activities.set(tokenId, activity);
    return activity;
  }

  /** Drops, once a window, what is known of tokens that have nothing in flight and nothing in their window. */
  private forgetIdle(nowMs: number): void {
    if (nowMs - this.sweptAtMs < WINDOW_MS) return;
    this.sweptAtMs = nowMs;
    for (const [id, { starts, inFlight }] of this.activities) {
      starts.forgetUntil(nowMs - WINDOW_MS);
      if (inFlight === 0 && starts.count === 0) this.activities.delete(id);
    }
  }
}

function admission(activity: TokenActivity, headers: readonly string[]): Admission {
  let isReleased = false;
  activity.inFlight += 1;
  return {
    headers,
    release: () => {
      if (isReleased) return;
      isReleased = true;
      activity.inFlight -= 1;
    },
  };
}

function rateDenial(limit: number, starts: RecentStarts, nowMs: number): LimitDenial {
  const retryAfterS = Math.min(Math.max(Math.ceil(untilMoreMs(limit, starts, nowMs) / 1000), 1), MINUTE_S);
  return {
    exceeds: 'rate',
    message: `This token may start ${limit} requests per minute; wait ${retryAfterS} s, or ask an admin for a higher limit`,
    retryAfterS,
    headers: rateHeaders(limit, starts, nowMs),
  };
}

function concurrencyDenial(limit: number, headers: readonly string[]): LimitDenial {
  return {
    exceeds: 'concurrency',
    message: `This token may have ${limit} requests in flight; wait until one has ended, or ask an admin for a higher limit`,
    retryAfterS: 1,
    headers,
  };
}

function rateHeaders(limit: number | null, starts: RecentStarts, nowMs: number): readonly string[] {
  if (limit === null) return NO_HEADERS;
  return [
    'x-ratelimit-limit-requests',
    String(limit),
    'x-ratelimit-remaining-requests',
    String(Math.max(limit - starts.count, 0)),
    'x-ratelimit-reset-requests',
    shownDuration(untilMoreMs(limit, starts, nowMs)),
  ];
}

/** Until one more request may start than may now: the oldest start leaves the window, or, under a lowered limit, enough do. */
function untilMoreMs(limit: number, starts: RecentStarts, nowMs: number): number {
  return starts.count === 0 ? 0 : starts.at(Math.max(starts.count - limit, 0)) + WINDOW_MS - nowMs;
}

/** As the OpenAI API writes it: `12ms`, `1s`, `6m0s`; rounded up. */
function shownDuration(durationMs: number): string {
  // Sums of clock times are off by less than that.
  const wholeMs = Math.ceil(durationMs - 0.001);
  if (wholeMs < 1000) return `${wholeMs}ms`;
  const seconds = Math.ceil(wholeMs / 1000);
  return seconds < MINUTE_S ? `${seconds}s` : `${Math.floor(seconds / MINUTE_S)}m${seconds % MINUTE_S}s`;
}
