import type { AttemptFacts } from '../../health/attempt-facts';
import type { KeyHealth } from '../../health/key-health';
import { RefusedAnswer } from '../answer/refused-answer';
import { type AttemptFailure, RequestFailures } from '../retry/request-failures';
import type { AttemptLedger } from './attempt-ledger';
import type { TransportFailure } from './transport-failure';

/** Judges what goes wrong in one exchange, and lets it take its effect on keys and channels. */
export class FailureBook {
  private failures: RequestFailures | null = null;

  constructor(
    private readonly health: KeyHealth,
    private readonly ledger: AttemptLedger,
  ) {}

  /** The attempts that failed. */
  get attempts(): readonly AttemptFacts[] {
    return this.failures?.attempts ?? [];
  }

  servedBy(channelId: number): void {
    this.failures?.servedBy(channelId);
  }

  byTransport(transport: TransportFailure): AttemptFailure {
    return { verdict: this.health.judgeTransport(transport.code), answer: null, transport };
  }

  byAnswer(answer: RefusedAnswer, { channel }: AttemptFacts): AttemptFailure {
    return { verdict: this.health.judge(channel, answer.evidence), answer, transport: null };
  }

  /** What an upstream says within a stream counts as what it says in place of one, though it is too late to try again. */
  byErrorEvent(body: Buffer, attempt: AttemptFacts): AttemptFailure {
    const collected = { status: 200, rawHeaders: [], body, isWhole: true };
    return this.byAnswer(new RefusedAnswer(collected, attempt.key.secret), attempt);
  }

  /** Ends the attempt under way with this failure. */
  note(failure: AttemptFailure): RequestFailures {
    const { current } = this.ledger;
    this.ledger.failed(failure.verdict.kind);
    this.ledger.end();
    this.failures ??= new RequestFailures(this.health);
    if (current) this.failures.add(current, failure);
    return this.failures;
  }
}
