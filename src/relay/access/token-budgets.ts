import { Injectable } from '@nestjs/common';
import { nextPeriodStart, periodName } from '../../tokens/budget-period';
import type { TokenBudget } from '../../tokens/token-budget';
import type { TokenGrant } from '../../tokens/token-directory';
import { TokenSpending } from '../../usage/spend/token-spending';
import { countedTokens, type TokenUsage } from '../../usage/token-usage';

/** A request's share of its token's budget. */
export interface Reservation {
  /** The request is over, and what it took, if anybody knows, has been recorded; calling it again changes nothing. */
  settle(usage: TokenUsage | null): void;
}

/** Why a token may spend no more. */
export interface BudgetDenial {
  readonly message: string;
  /** What is left is set aside for requests in flight, and may turn out to be enough. */
  readonly isForNow: boolean;
}

/** What requests in flight may still spend. */
interface Held {
  requests: number;
  tokens: number;
}

/** What the first request of a token is taken to cost. */
const FIRST_ESTIMATE = 1_000;
/** The share of the latest request in the mean of all. */
const LATEST_WEIGHT = 1 / 8;

const NOTHING: Readonly<Held> = { requests: 0, tokens: 0 };
const UNLIMITED: Reservation = { settle: () => undefined };

const EACH = { total: '', day: ' a day', month: ' a month' };

/**
 * Holds each token to its budget: of the requests that this instance lets in, never more than `maxRequests` are served. Of
 * tokens, whose number shows only at the end, it sets aside for each request what this token's requests took on average; so
 * `maxTokens` is exceeded at most by what the requests in flight take beyond that.
 */
@Injectable()
export class TokenBudgets {
  /** By token and period; none where nothing is in flight. */
  private readonly held = new Map<string, Held>();
  /** What requests take on average, by token. */
  private readonly means = new Map<number, number>();

  constructor(private readonly spending: TokenSpending) {}

  /** The request counts in the period that it started in. */
  reserve({ id, budget }: TokenGrant, startedAtMs: number): Reservation | BudgetDenial {
    if (!budget) return UNLIMITED;
    const period = periodName(budget.period, startedAtMs);
    const spent = this.spending.spent(id, period, budget.spent);
    const held = this.held.get(`${id}:${period}`) ?? NOTHING;
    const estimate = Math.max(1, Math.ceil(this.means.get(id) ?? FIRST_ESTIMATE));
    const { maxRequests, maxTokens } = budget;
    if (maxRequests !== null && spent.requests + held.requests >= maxRequests) {
      return denial('requests', { budget, max: maxRequests, spent: spent.requests, held: held.requests, startedAtMs });
    }
    if (maxTokens !== null && !hasRoom(maxTokens - spent.tokens, held, estimate)) {
      return denial('tokens', { budget, max: maxTokens, spent: spent.tokens, held: held.tokens, startedAtMs });
    }
    return this.hold(id, period, estimate);
  }

  private hold(tokenId: number, period: string, tokens: number): Reservation {
    const name = `${tokenId}:${period}`;
    const held = this.held.get(name) ?? { ...NOTHING };
    held.requests += 1;
    held.tokens += tokens;
    this.held.set(name, held);
    let isSettled = false;
    return {
      settle: (usage) => {
        if (isSettled) return;
        isSettled = true;
        held.requests -= 1;
        held.tokens -= tokens;
        if (held.requests === 0) this.held.delete(name);
        if (usage) this.learn(tokenId, countedTokens(usage));
      },
    };
  }

  private learn(tokenId: number, tokens: number): void {
    const mean = this.means.get(tokenId) ?? tokens;
    this.means.set(tokenId, mean + (tokens - mean) * LATEST_WEIGHT);
  }
}

/** The last bit of a budget is for one request alone, whatever that takes. */
function hasRoom(left: number, held: Readonly<Held>, estimate: number): boolean {
  return held.requests === 0 ? left > 0 : left - held.tokens >= estimate;
}

interface Overdraft {
  readonly budget: TokenBudget;
  readonly max: number;
  readonly spent: number;
  readonly held: number;
  readonly startedAtMs: number;
}

function denial(what: 'requests' | 'tokens', overdraft: Overdraft): BudgetDenial {
  const { budget, max, spent, held, startedAtMs } = overdraft;
  const next = nextPeriodStart(budget.period, startedAtMs);
  const anew = next ? `it begins anew at ${next.toISOString().replace('.000', '')}, or ` : '';
  const used = `${spent} used, ${held} set aside for requests in flight`;
  return {
    isForNow: what === 'tokens' && spent < max,
    message: `This token's budget of ${max} ${what}${EACH[budget.period]} has too little left (${used}); ${anew}ask an admin for more`,
  };
}
