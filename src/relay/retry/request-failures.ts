import type { AttemptFacts, Strike } from '../../health/attempt-facts';
import type { KeyHealth } from '../../health/key-health';
import type { VerdictKind } from '../../channels/verdict-kinds';
import type { Verdict } from '../../health/verdict/verdict';
import type { RefusedAnswer } from '../answer/refused-answer';
import type { TransportFailure } from '../exchange/transport-failure';

/** How one attempt failed: by an answer, or for want of one. */
export interface AttemptFailure {
  readonly verdict: Verdict;
  readonly answer: RefusedAnswer | null;
  readonly transport: TransportFailure | null;
}

interface Blow {
  readonly attempt: AttemptFacts;
  readonly verdict: Verdict;
  strike: Strike | null;
}

// Of these a request can be the cause. For the others the upstream's own code is the evidence.
const REQUEST_MAY_CAUSE: readonly VerdictKind[] = ['KEY_DEAD', 'KEY_MODEL', 'AMBIGUOUS'];

/** What the failed attempts of one request did to keys and channels, and what they leave to tell its client. */
export class RequestFailures {
  /** Null before the first. */
  latest: AttemptFailure | null = null;
  /** Whether a key was only rate limited. */
  isRateLimited = false;
  /** An upstream's own words on a model that its key may not use. */
  private modelRefusal: RefusedAnswer | null = null;
  private readonly blows: Blow[] = [];
  private readonly upstreamFaults: AttemptFacts[] = [];
  private readonly troubledChannelIds: number[] = [];

  constructor(private readonly health: KeyHealth) {}

  get attempts(): readonly AttemptFacts[] {
    return this.blows.map(({ attempt }) => attempt);
  }

  /**
   * Lets a failure take its effect. When the second key in a row of a channel fails the same way, the request is to blame,
   * and neither key is.
   */
  add(attempt: AttemptFacts, failure: AttemptFailure): void {
    const { verdict, answer } = failure;
    this.latest = failure;
    if (verdict.kind === 'CHANNEL' && answer && answer.status >= 500) this.upstreamFaults.push(attempt);
    if (verdict.kind === 'KEY_RATE') this.isRateLimited = true;
    if (verdict.kind === 'KEY_MODEL' && answer) this.modelRefusal = answer;
    const last = this.blows.at(-1);
    const blow = { attempt, verdict, strike: this.punish(attempt, failure) };
    this.blows.push(blow);
    if (last && isAlike(last, blow)) {
      refund(last);
      refund(blow);
    }
  }

  /**
   * Ends the request with the upstream's answer that tells its client more than we could, if there is one. An upstream that
   * has the last word on a model may not have it at all, so no key is kept from it.
   */
  settle(): RefusedAnswer | null {
    if (this.latest?.verdict.kind === 'REQUEST') return this.latest.answer;
    if (this.isRateLimited || !this.modelRefusal) return null;
    this.blows.filter(({ verdict }) => verdict.kind === 'KEY_MODEL').forEach(refund);
    return this.modelRefusal;
  }

  /** Another key of this channel served the request in the end. */
  servedBy(channelId: number): void {
    for (const attempt of this.upstreamFaults) if (attempt.channel.id === channelId) this.health.outdone(attempt);
  }

  private punish(attempt: AttemptFacts, { verdict, answer }: AttemptFailure): Strike | null {
    if (verdict.kind === 'CHANNEL') {
      // One request is one witness, however often it was tried.
      if (this.troubledChannelIds.includes(attempt.channel.id)) return null;
      this.troubledChannelIds.push(attempt.channel.id);
    }
    return this.health.punish(attempt, verdict, answer?.evidence ?? null);
  }
}

function isAlike(one: Blow, other: Blow): boolean {
  return (
    REQUEST_MAY_CAUSE.includes(one.verdict.kind) &&
    one.attempt.channel.id === other.attempt.channel.id &&
    one.verdict.kind === other.verdict.kind &&
    one.verdict.code === other.verdict.code
  );
}

function refund(blow: Blow): void {
  blow.strike?.refund();
  blow.strike = null;
}
