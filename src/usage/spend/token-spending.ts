import { Injectable } from '@nestjs/common';
import { BUDGET_PERIODS, periodName } from '../../tokens/budget-period';
import type { PeriodSpend } from '../../tokens/token-budget';
import type { SegmentBatch } from '../flush/segment-batch';
import type { TokenUsageDelta } from '../flush/usage-deltas';
import type { RequestRecord } from '../request-record';
import { isServed } from '../request-sums';
import { storableMs } from '../storable';
import { countedTokens } from '../token-usage';

type SpendingBatch = Pick<SegmentBatch, 'instance' | 'seq' | 'isOwn' | 'tokens'>;

/** What a token has spent in all within a period, as the database has it. */
export type TokenTotal = PeriodSpend & { readonly tokenId: number };

/** Of one token in one period. */
interface Spending {
  readonly period: string;
  /** What the database had when we last heard of it for sure. */
  flushedRequests: number;
  flushedTokens: number;
  /** What this process recorded beyond that. */
  ownRequests: number;
  ownTokens: number;
  /** Batches of ours with some of it, of which nobody knows whether the database has them. */
  unsureBatches: number;
}

const DAY_MS = 24 * 3_600_000;

/**
 * Knows what tokens have spent: what the database has, and what this process recorded and the database does not have yet.
 * No request of this process is ever left out, and none counts twice; those of other processes are as old as the database's
 * last word.
 */
@Injectable()
export class TokenSpending {
  private readonly spendings = new Map<string, Spending>();
  /** What is in those batches, by name. */
  private readonly unsure = new Map<string, readonly TokenUsageDelta[]>();
  private today = { number: -Infinity, periods: [] as readonly string[] };

  /** What a token has spent in a period; `read` is what the database said when it was last asked. */
  spent(tokenId: number, period: string, read: PeriodSpend | null): PeriodSpend {
    const spending = this.spendingOf(tokenId, period);
    // What was read may hold already what still counts as our own.
    if (read?.period === period && spending.unsureBatches === 0) raise(spending, read);
    const { flushedRequests, flushedTokens, ownRequests, ownTokens } = spending;
    return { period, requests: flushedRequests + ownRequests, tokens: flushedTokens + ownTokens };
  }

  /** A request of this process was recorded. */
  add({ tokenId, startedAtMs, attempts, usage }: RequestRecord): void {
    const requests = attempts.filter(isServed).length;
    const tokens = countedTokens(usage);
    for (const period of this.periodsAt(storableMs(startedAtMs))) {
      const spending = this.spendingOf(tokenId, period);
      spending.ownRequests += requests;
      spending.ownTokens += tokens;
    }
  }

  /** The commit of this batch is about to be sent. */
  committing({ instance, seq, isOwn, tokens }: SpendingBatch): void {
    const name = `${instance}/${seq}`;
    if (!isOwn || this.unsure.has(name)) return;
    this.unsure.set(name, tokens);
    for (const { tokenId, period } of tokens) this.spendingOf(tokenId, period).unsureBatches += 1;
  }

  /** The database has this batch, and these totals of its tokens. */
  committed({ instance, seq }: SpendingBatch, totals: readonly TokenTotal[]): void {
    const name = `${instance}/${seq}`;
    for (const { tokenId, period, requests, tokens } of this.unsure.get(name) ?? []) {
      const spending = this.spendingOf(tokenId, period);
      spending.ownRequests -= requests;
      spending.ownTokens -= tokens;
      spending.unsureBatches -= 1;
    }
    this.unsure.delete(name);
    for (const total of totals) raise(this.spendingOf(total.tokenId, total.period), total);
  }

  private spendingOf(tokenId: number, period: string): Spending {
    const name = `${tokenId}:${period}`;
    let spending = this.spendings.get(name);
    if (!spending) {
      spending = { period, flushedRequests: 0, flushedTokens: 0, ownRequests: 0, ownTokens: 0, unsureBatches: 0 };
      this.spendings.set(name, spending);
    }
    return spending;
  }

  private periodsAt(atMs: number): readonly string[] {
    const number = Math.floor(atMs / DAY_MS);
    if (number === this.today.number) return this.today.periods;
    const periods = BUDGET_PERIODS.map((period) => periodName(period, atMs));
    // A long request may end on another day than it began.
    if (number > this.today.number) {
      this.today = { number, periods };
      this.forgetPast();
    }
    return periods;
  }

  /** What has gone to the database of a period that is over, nobody will ask for. */
  private forgetPast(): void {
    for (const [name, { period, ownRequests, ownTokens, unsureBatches }] of this.spendings) {
      const isFlushed = ownRequests === 0 && ownTokens === 0 && unsureBatches === 0;
      if (isFlushed && !this.today.periods.includes(period)) this.spendings.delete(name);
    }
  }
}

/** Spent is spent: whatever says less is older. */
function raise(spending: Spending, { requests, tokens }: PeriodSpend): void {
  spending.flushedRequests = Math.max(spending.flushedRequests, requests);
  spending.flushedTokens = Math.max(spending.flushedTokens, tokens);
}
