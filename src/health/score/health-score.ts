import type { MeasuredHealth } from './score-windows';

const FULL_MARKS_MS = 2_000;
const HALF_MARKS_MS = 30_000;

/**
 * How well a key serves, as a whole number from 0 to 100: 100 x success rate x latency factor.
 * - success rate: (successes + 1) / (successes + failures + 1), so that a key without a past has 1;
 * - latency factor: 1 up to a mean of 2 s, from there straight down to 0.5 at 30 s, and 0.5 beyond.
 */
export function healthScore({ successes, failures, meanLatencyMs }: MeasuredHealth): number {
  const successRate = (successes + 1) / (successes + failures + 1);
  return Math.round(100 * successRate * latencyFactor(meanLatencyMs ?? 0));
}

function latencyFactor(meanLatencyMs: number): number {
  const slowness = (meanLatencyMs - FULL_MARKS_MS) / (HALF_MARKS_MS - FULL_MARKS_MS);
  return 1 - Math.min(Math.max(slowness, 0), 1) / 2;
}
