import type { Clock } from '../../common/clock';
import type { VerdictKind } from '../../channels/verdict-kinds';
import { AttemptWindow } from './attempt-window';

const FEWEST_ATTEMPTS = 20;
const SHARE_OF_FAILURES = 0.5;
const HOST_FAILURES_IN_A_ROW = 3;

const LONGEST_HOLD_MS = 30_000;
const LONGEST_HINT_MS = 60_000;
const CALM_MS = 60_000;
const LOST_TRIAL_MS = 60_000;

/** `closed`: requests may pass. `open`: none may. `half-open`: none may but one trial that is under way. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** What the channel is blamed for. */
export interface BreakerReason {
  readonly kind: Extract<VerdictKind, 'KEY_DEAD' | 'KEY_RATE' | 'AMBIGUOUS' | 'CHANNEL' | 'HOST'>;
  readonly code: string;
}

/**
 * Keeps requests from one channel while its upstream is in trouble, and lets one trial at a time find out when it is over.
 * Opens by itself when more than half of at least 20 attempts within 10 s fail, or 3 in a row are refused for where we
 * come from. All times are on `Clock.nowMs`.
 */
export class ChannelBreaker {
  private current: BreakerState = 'closed';
  private blame: BreakerReason | null = null;
  private openedMs: number | null = null;
  private retryMs: number | null = null;

  private closedMs = -Infinity;
  private holdMs = 0;
  private hostFailures = 0;
  private readonly recent = new AttemptWindow();

  /**
   * `openMs` is asked how long to stay open before the first trial; failed trials double it up to 30 s, until the breaker
   * has been closed for 60 s. `onChange` is told of each change of state, once it is made.
   */
  constructor(
    private readonly clock: Clock,
    private readonly openMs: () => number,
    private readonly onChange: (breaker: ChannelBreaker) => void,
  ) {}

  get state(): BreakerState {
    return this.current;
  }

  /** Null while closed. */
  get reason(): BreakerReason | null {
    return this.blame;
  }

  /** When the present trouble began, however many trials have failed since; null while closed. */
  get openedAtMs(): number | null {
    return this.openedMs;
  }

  /** When the next trial may begin, in `half-open` in case this one never reports; null while closed. */
  get retryAtMs(): number | null {
    return this.retryMs;
  }

  /** Whether an ordinary request may pass. */
  admits(): boolean {
    return this.current === 'closed';
  }

  /** Opens until the upstream's own `hintMs` have passed, at most 60 s of them. Does nothing unless closed. */
  open(reason: BreakerReason, hintMs?: number): void {
    if (this.current !== 'closed') return;
    const nowMs = this.clock.nowMs();
    if (nowMs - this.closedMs >= CALM_MS) this.holdMs = this.openMs();
    this.blame = reason;
    this.openedMs = nowMs;
    this.enter('open', nowMs + (hintMs === undefined ? this.holdMs : Math.min(hintMs, LONGEST_HINT_MS)));
  }

  /** The upstream did what it was asked in an attempt that started at `startedAtMs`. */
  succeeded(startedAtMs: number): void {
    if (!this.counts(startedAtMs)) return;
    this.hostFailures = 0;
    this.recent.record(this.clock.nowMs(), false);
  }

  /** An attempt that started at `startedAtMs` got this verdict; opening for it lasts at least `minimumMs`. */
  failed(kind: 'CHANNEL' | 'HOST', code: string, startedAtMs: number, minimumMs = 0): void {
    if (!this.counts(startedAtMs)) return;
    const nowMs = this.clock.nowMs();
    this.recent.record(nowMs, kind === 'CHANNEL');
    if (kind === 'HOST') this.hostFailures++;
    const isTooMuch = kind === 'HOST' ? this.hostFailures >= HOST_FAILURES_IN_A_ROW : this.mostFail(nowMs);
    if (!isTooMuch) return;
    const isLong = minimumMs > Math.max(this.holdMs, this.openMs());
    this.open({ kind, code }, isLong ? minimumMs : undefined);
  }

  /** True for exactly one caller when a trial is due; he owes `trialPassed` or `trialFailed` within 60 s, or another may try. */
  tryBegin(): boolean {
    const nowMs = this.clock.nowMs();
    if (this.retryMs === null || nowMs < this.retryMs) return false;
    this.enter('half-open', nowMs + LOST_TRIAL_MS);
    return true;
  }

  /** Closes. Does nothing unless a trial is under way. */
  trialPassed(): void {
    if (this.current === 'half-open') this.close();
  }

  /** Closes at once: the upstream was seen to work, or the channel is another one now. */
  close(): void {
    if (this.current === 'closed') return;
    this.blame = null;
    this.openedMs = null;
    this.closedMs = this.clock.nowMs();
    this.hostFailures = 0;
    this.recent.clear();
    this.enter('closed', null);
  }

  /** Opens again, for twice as long. Does nothing unless a trial is under way. */
  trialFailed(): void {
    if (this.current !== 'half-open') return;
    // A setting above the longest hold is not cut down to it.
    this.holdMs = Math.max(this.holdMs, Math.min(2 * this.holdMs, LONGEST_HOLD_MS));
    this.enter('open', this.clock.nowMs() + this.holdMs);
  }

  /** What started before it closed tells of the upstream as it was then. */
  private counts(startedAtMs: number): boolean {
    return this.current === 'closed' && startedAtMs >= this.closedMs;
  }

  private mostFail(nowMs: number): boolean {
    const { attempts, failures } = this.recent.totals(nowMs);
    return attempts >= FEWEST_ATTEMPTS && failures > SHARE_OF_FAILURES * attempts;
  }

  private enter(state: BreakerState, retryMs: number | null): void {
    const isChange = state !== this.current;
    this.current = state;
    this.retryMs = retryMs;
    if (isChange) this.onChange(this);
  }
}
