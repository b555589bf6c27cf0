import type { BudgetPeriod } from './budget-period';

/** What a token has spent in one period. */
export interface PeriodSpend {
  /** Its name: `total`, `2026-11-23` or `2026-11`. */
  readonly period: string;
  /** That an upstream served. */
  readonly requests: number;
  /** Read and written. */
  readonly tokens: number;
}

/** What a token may spend in each period. */
export interface TokenBudget {
  /** Null: any number. */
  readonly maxRequests: number | null;
  /** Null: any number. */
  readonly maxTokens: number | null;
  readonly period: BudgetPeriod;
  /** As the database knew it when it was last asked; null for nothing. */
  readonly spent: PeriodSpend | null;
}
