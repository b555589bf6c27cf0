/** The stretches of time (UTC) that a token's budget may be for. */
export const BUDGET_PERIODS = ['total', 'day', 'month'] as const;

export type BudgetPeriod = (typeof BUDGET_PERIODS)[number];

/** Of the start of an ISO 8601 date. */
const NAME_LENGTHS = { day: 'yyyy-mm-dd'.length, month: 'yyyy-mm'.length };

/** What the period is called in which a moment lies: `total`, `2026-11-23` or `2026-11`. */
export function periodName(period: BudgetPeriod, atMs: number): string {
  return period === 'total' ? period : new Date(atMs).toISOString().slice(0, NAME_LENGTHS[period]);
}

/** When the period after this moment's begins; null for the one that never ends. */
export function nextPeriodStart(period: BudgetPeriod, atMs: number): Date | null {
  const at = new Date(atMs);
  if (period === 'total') return null;
  const [month, day] = period === 'day' ? [at.getUTCMonth(), at.getUTCDate() + 1] : [at.getUTCMonth() + 1, 1];
  return new Date(Date.UTC(at.getUTCFullYear(), month, day));
}
