import { ManualClock } from '../../../test/support/manual-clock';
import { aRecord, anAttempt } from '../../../test/support/request-records';
import type { TokenBudget } from '../../tokens/token-budget';
import type { TokenGrant } from '../../tokens/token-directory';
import { TokenSpending } from '../../usage/spend/token-spending';
import { type BudgetDenial, type Reservation, TokenBudgets } from './token-budgets';

const DAY_MS = 24 * 3_600_000;
const NONE: TokenBudget = { maxRequests: null, maxTokens: null, period: 'total', spent: null };

describe(TokenBudgets.name, () => {
  let clock: ManualClock;
  let spending: TokenSpending;
  let budgets: TokenBudgets;

  beforeEach(() => {
    clock = new ManualClock();
    spending = new TokenSpending();
    budgets = new TokenBudgets(spending);
  });

  function ask(budget: Partial<TokenBudget> | null, id = 1): Reservation | BudgetDenial {
    return budgets.reserve({ id, budget: budget && { ...NONE, ...budget } } as TokenGrant, clock.wallMs());
  }

  /** How many of so many requests at once are let in. */
  function burst(budget: Partial<TokenBudget>, count = 50): Reservation[] {
    return Array.from({ length: count }, () => ask(budget)).filter((answer) => 'settle' in answer);
  }

  function admitted(budget: Partial<TokenBudget>): Reservation {
    const [one] = burst(budget, 1);
    if (!one) throw new Error(messageOf(budget));
    return one;
  }

  function messageOf(budget: Partial<TokenBudget>): string {
    const answer = ask(budget);
    return 'message' in answer ? answer.message : 'let in';
  }

  /** The request is over: it took so many tokens, and its answer was good or not. */
  function end(reservation: Reservation, tokens: number | null, status = 200): void {
    const usage = tokens === null ? null : { promptTokens: tokens, completionTokens: null, cachedTokens: null };
    spending.add(aRecord({ tokenId: 1, startedAtMs: clock.wallMs(), usage, attempts: [anAttempt({ status })] }));
    reservation.settle(usage);
  }

  it('lets any number in where there is no budget', () => {
    for (let i = 0; i < 1000; i++) expect(ask(null)).toHaveProperty('settle');
  });

  it('lets in no more requests at once than are left', () => {
    expect(burst({ maxRequests: 10 })).toHaveLength(10);
    expect(ask({ maxRequests: 10 }, 2)).toHaveProperty('settle');
  });

  it('counts what was served, and gives back what was not', () => {
    const budget = { maxRequests: 3 };
    const unheard = admitted(budget);
    end(admitted(budget), 10);
    end(admitted(budget), null, 502);
    unheard.settle(null);
    unheard.settle(null);
    expect(burst(budget)).toHaveLength(2);
  });

  it('adds what the database says was spent elsewhere or before', () => {
    const spent = { period: 'total', requests: 7, tokens: 700 };
    expect(burst({ maxRequests: 10, spent })).toHaveLength(3);
  });

  it('sets aside for each request what the last ones took', () => {
    const budget = { maxTokens: 10_000 };
    const first = burst(budget);
    expect(first).toHaveLength(10);
    for (const one of first) end(one, 100);
    expect(burst(budget, 100)).toHaveLength(90);
  });

  it('gives the last bit of tokens to one request alone, and nothing after it', () => {
    const budget = { maxTokens: 500 };
    const only = admitted(budget);
    expect(burst(budget)).toEqual([]);
    end(only, 499);
    end(admitted(budget), 300);
    expect(messageOf(budget)).toContain('799 used');
  });

  it('holds to both budgets', () => {
    expect(burst({ maxRequests: 3, maxTokens: 1_000_000 })).toHaveLength(3);
    expect(burst({ maxRequests: 1_000, maxTokens: 3_000 })).toHaveLength(0);
  });

  it.each(['day', 'month'] as const)('begins anew with the next %s (UTC)', (period) => {
    const budget = { maxRequests: 2, period };
    const unfinished = admitted(budget);
    end(admitted(budget), 10);
    expect(burst(budget)).toHaveLength(0);
    clock.advance(period === 'day' ? 12 * 3_600_000 : 16.5 * DAY_MS);
    expect(burst(budget)).toHaveLength(2);
    unfinished.settle(null);
    expect(burst(budget)).toHaveLength(0);
  });

  it('begins never anew without a period', () => {
    burst({ maxRequests: 2 });
    clock.advance(1000 * DAY_MS);
    expect(burst({ maxRequests: 2 })).toHaveLength(0);
  });

  it('goes by a changed budget at once', () => {
    expect(burst({ maxRequests: 2 })).toHaveLength(2);
    expect(burst({ maxRequests: 5 })).toHaveLength(3);
    expect(burst({ maxRequests: 4 })).toHaveLength(0);
  });

  it('says which budget it is, what was used, and when it begins anew', () => {
    burst({ maxRequests: 1, period: 'day' });
    expect(messageOf({ maxRequests: 1, period: 'day' })).toBe(
      "This token's budget of 1 requests a day has too little left (0 used, 1 set aside for requests in flight); it begins anew at 2026-01-16T00:00:00Z, or ask an admin for more",
    );
    expect(messageOf({ maxTokens: 5, period: 'month', spent: { period: '2026-01', requests: 2, tokens: 6 } })).toBe(
      "This token's budget of 5 tokens a month has too little left (6 used, 0 set aside for requests in flight); it begins anew at 2026-02-01T00:00:00Z, or ask an admin for more",
    );
    expect(messageOf({ maxRequests: 1, spent: { period: 'total', requests: 1, tokens: 6 } })).toBe(
      "This token's budget of 1 requests has too little left (1 used, 0 set aside for requests in flight); ask an admin for more",
    );
  });
});
