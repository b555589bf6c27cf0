import type { Clock } from '../../common/clock';
import type { AttemptFacts } from '../../health/attempt-facts';
import type { VerdictKind } from '../../channels/verdict-kinds';
import type { AttemptRecord } from '../../usage/request-record';
import type { PlannedAttempt } from '../plan/relay-plan';
import type { RetryBudget } from '../retry/retry-budget';
import type { RetryBudgets } from '../retry/retry-budgets';

type Entry = { -readonly [field in keyof AttemptRecord]: AttemptRecord[field] };

/** The attempts of one request: counted in the channels' retry budgets while they are under way, and remembered. */
export class AttemptLedger {
  /** The latest attempt; null before the first. */
  current: AttemptFacts | null = null;
  attemptCount = 0;
  private readonly entries: Entry[] = [];
  /** The latest attempt's; null until its request is sent. */
  private entry: Entry | null = null;
  /** Null while no attempt is under way. */
  private budget: RetryBudget | null = null;
  private isBooked = false;

  constructor(
    private readonly budgets: RetryBudgets,
    private readonly clock: Clock,
  ) {}

  /** As the last upstream was asked for it; empty for none. */
  get modelSent(): string {
    return this.current?.model ?? '';
  }

  /** The attempts whose request was sent. */
  get records(): readonly AttemptRecord[] {
    return this.entries;
  }

  /** False, and nothing has begun, when the attempt needs the channel's retry budget and that is used up. */
  begin({ channel, lease, model }: PlannedAttempt, needsBudget: boolean): boolean {
    const budget = this.budgets.of(channel.id);
    if (needsBudget && !budget.tryRetry()) return false;
    budget.requestBegan();
    this.budget = budget;
    this.isBooked = needsBudget;
    this.attemptCount++;
    this.entry = null;
    this.current = { channel, key: lease, model, startedAtMs: this.clock.nowMs() };
    return true;
  }

  sent(): void {
    if (!this.current) return;
    const { channelId, keyId, index: keyIndex } = this.current.key;
    const startedAtMs = this.clock.wallMs();
    this.entry = { channelId, keyId, keyIndex, startedAtMs, durationMs: 0, status: 0, verdict: null };
    this.entries.push(this.entry);
  }

  answered(status: number): void {
    if (this.entry) this.entry.status = status;
  }

  failed(kind: VerdictKind): void {
    if (this.entry) this.entry.verdict = kind;
  }

  /** The latest attempt is over; may be called more than once. */
  end(): void {
    if (!this.budget || !this.current) return;
    this.budget.requestEnded();
    if (this.isBooked) this.budget.retryEnded();
    this.budget = null;
    if (this.entry) this.entry.durationMs = Math.round(this.clock.nowMs() - this.current.startedAtMs);
  }
}
