import fc from 'fast-check';
import { aRecord, anAttempt } from '../../../test/support/request-records';
import type { PeriodSpend, TokenBudget } from '../../tokens/token-budget';
import type { TokenGrant } from '../../tokens/token-directory';
import { tokenDeltas, type TokenUsageDelta } from '../../usage/flush/usage-deltas';
import type { RequestRecord } from '../../usage/request-record';
import { RequestSums } from '../../usage/request-sums';
import { TokenSpending } from '../../usage/spend/token-spending';
import { type Reservation, TokenBudgets } from './token-budgets';

const MAX_REQUESTS = 8;
const PERIOD = 'total';
const NOW_MS = Date.UTC(2026, 10, 23, 12);

type Step = 'ask' | 'serve' | 'fail' | 'leave' | 'rotate' | 'commit' | 'hear' | 'lose' | 'read' | 'refresh';

/** Most requests are not served, so that a budget lasts for a while. */
const WEIGHTS: Record<Step, number> = {
  ask: 6,
  serve: 1,
  fail: 2,
  leave: 2,
  rotate: 2,
  commit: 2,
  hear: 2,
  lose: 1,
  read: 2,
  refresh: 2,
};

const steps = fc.array(
  fc.oneof(...Object.entries(WEIGHTS).map(([step, weight]) => ({ weight, arbitrary: fc.constant(step as Step) }))),
  { maxLength: 300, size: 'max' },
);

interface Batch {
  readonly instance: string;
  readonly seq: number;
  readonly isOwn: true;
  readonly tokens: readonly TokenUsageDelta[];
}

/** One process, its journal and its database, each step of which may come at any moment. */
class World {
  served = 0;
  private readonly spending = new TokenSpending();
  private readonly budgets = new TokenBudgets(this.spending);
  private readonly inFlight: Reservation[] = [];
  private journal: RequestRecord[] = [];
  private readonly closed: Batch[] = [];
  private readonly database = new Map<number, PeriodSpend>();
  /** The answer to a commit is under way. */
  private isAnswerDue = false;
  /** What was read of the database, on its way to memory. */
  private wasRead: PeriodSpend | null = null;
  private known: PeriodSpend | null = null;
  private seq = 0;

  private readonly actions: Record<Step, () => void> = {
    ask: () => {
      this.ask();
    },
    serve: () => {
      this.end(200);
    },
    fail: () => {
      this.end(500);
    },
    leave: () => {
      this.inFlight.pop()?.settle(null);
    },
    rotate: () => {
      this.rotate();
    },
    commit: () => {
      this.commit();
    },
    hear: () => {
      this.hear();
    },
    lose: () => {
      this.isAnswerDue = false;
    },
    read: () => {
      this.wasRead = this.total();
    },
    refresh: () => {
      this.known = this.wasRead;
    },
  };

  take(step: Step): void {
    this.actions[step]();
  }

  private ask(): void {
    const budget: TokenBudget = { maxRequests: MAX_REQUESTS, maxTokens: null, period: PERIOD, spent: this.known };
    const answer = this.budgets.reserve({ id: 1, budget } as TokenGrant, NOW_MS);
    const isLeft = this.served + this.inFlight.length < MAX_REQUESTS;
    if ('settle' in answer !== isLeft)
      throw new Error(`wrong with ${this.served} served and ${this.inFlight.length} in flight`);
    if ('settle' in answer) this.inFlight.push(answer);
  }

  private end(status: number): void {
    const reservation = this.inFlight.shift();
    if (!reservation) return;
    const record = aRecord({ tokenId: 1, startedAtMs: NOW_MS, attempts: [anAttempt({ status })] });
    this.journal.push(record);
    this.spending.add(record);
    reservation.settle(record.usage);
    if (status === 200) this.served += 1;
  }

  private rotate(): void {
    if (this.journal.length === 0) return;
    const sums = new RequestSums();
    for (const record of this.journal) sums.add(record);
    this.journal = [];
    this.closed.push({ instance: 'one', seq: ++this.seq, isOwn: true, tokens: tokenDeltas(sums.list()) });
  }

  /** Brings the oldest segment, perhaps again because the answer was lost. */
  private commit(): void {
    const [batch] = this.closed;
    if (!batch || this.isAnswerDue) return;
    this.isAnswerDue = true;
    if (this.database.has(batch.seq)) return;
    this.spending.committing(batch);
    const delta = batch.tokens.find(({ period }) => period === PERIOD);
    this.database.set(batch.seq, { period: PERIOD, requests: delta?.requests ?? 0, tokens: delta?.tokens ?? 0 });
  }

  private hear(): void {
    const [batch] = this.closed;
    if (!batch || !this.isAnswerDue) return;
    this.isAnswerDue = false;
    this.spending.committed(batch, [{ tokenId: 1, ...this.total() }]);
    this.closed.shift();
  }

  private total(): PeriodSpend {
    const spends = [...this.database.values()];
    const sum = (count: (spend: PeriodSpend) => number): number => spends.reduce((all, one) => all + count(one), 0);
    return { period: PERIOD, requests: sum((one) => one.requests), tokens: sum((one) => one.tokens) };
  }
}

describe(TokenBudgets.name, () => {
  it('lets in what is left and never more, however requests, flushes and refreshes interleave', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const world = new World();
        for (const step of list) world.take(step);
        expect(world.served).toBeLessThanOrEqual(MAX_REQUESTS);
      }),
      { numRuns: 200 },
    );
  });
});
