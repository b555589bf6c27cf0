import type { ProbeFinding } from '../probe/probe-finding';
import type { VerdictKind } from '../../channels/verdict-kinds';

/** A key that a test found unfit. */
export interface KeyProblem {
  readonly index: number;
  readonly mask: string;
  readonly verdict: VerdictKind;
  readonly code: string;
  readonly httpStatus: number | null;
}

/** `failed`: nothing was found out about the key, because the upstream or the database was in trouble. */
type Count = 'alive' | 'dead' | 'exhausted' | 'rateLimited' | 'ambiguous' | 'failed';

const MOST_PROBLEMS_KEPT = 100;

const COUNTED_AS: Readonly<Record<VerdictKind, Count>> = {
  KEY_DEAD: 'dead',
  KEY_EXHAUSTED: 'exhausted',
  KEY_RATE: 'rateLimited',
  AMBIGUOUS: 'ambiguous',
  CHANNEL: 'failed',
  HOST: 'failed',
  REQUEST: 'failed',
  KEY_MODEL: 'failed',
};

/** How far a test of many keys is and what it found. Once it has ended nothing of it changes. */
export class KeyTestJob {
  readonly counts: Record<Count, number> = { alive: 0, dead: 0, exhausted: 0, rateLimited: 0, ambiguous: 0, failed: 0 };
  readonly problems: KeyProblem[] = [];
  done = 0;
  state: 'running' | 'done' | 'cancelled' = 'running';
  finishedAt: Date | null = null;

  constructor(
    readonly id: string,
    readonly channelId: number,
    readonly total: number,
    readonly startedAt: Date,
  ) {}

  get isRunning(): boolean {
    return this.state === 'running';
  }

  /** Null: the key is gone. */
  record(finding: ProbeFinding | null): void {
    if (!this.isRunning) return;
    this.done += 1;
    if (finding === null) return;
    const { key, verdict, httpStatus } = finding;
    this.counts[verdict === null ? 'alive' : COUNTED_AS[verdict.kind]] += 1;
    if (verdict === null || this.problems.length >= MOST_PROBLEMS_KEPT) return;
    this.problems.push({ index: key.index, mask: key.mask, verdict: verdict.kind, code: verdict.code, httpStatus });
  }

  /** The key could not be probed. */
  recordFailure(): void {
    if (!this.isRunning) return;
    this.done += 1;
    this.counts.failed += 1;
  }

  end(state: 'done' | 'cancelled', at: Date): void {
    if (!this.isRunning) return;
    this.state = state;
    this.finishedAt = at;
  }
}
