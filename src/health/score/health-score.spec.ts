import fc from 'fast-check';
import { healthScore } from './health-score';

const measured = fc.record({
  successes: fc.nat(400_000),
  failures: fc.nat(400_000),
  meanLatencyMs: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
});

describe(healthScore, () => {
  it.each([
    [0, 0, null, 100],
    [10, 0, 500, 100],
    [10, 0, 2_000, 100],
    [10, 0, 16_000, 75],
    [10, 0, 30_000, 50],
    [10, 0, 600_000, 50],
    [0, 1, null, 50],
    [0, 9, null, 10],
    [99, 100, 1_000, 50],
    [99, 100, 30_000, 25],
    [0, 65_535, null, 0],
  ])('gives %i successes, %i failures and a mean of %p ms %i points', (successes, failures, meanLatencyMs, score) => {
    expect(healthScore({ successes, failures, meanLatencyMs })).toBe(score);
  });

  it('is a whole number from 0 to 100 that failures and slowness never raise', () => {
    fc.assert(
      fc.property(measured, fc.nat(1_000), (key, more) => {
        const score = healthScore(key);
        expect(Number.isInteger(score) && score >= 0 && score <= 100).toBe(true);
        expect(healthScore({ ...key, failures: key.failures + more })).toBeLessThanOrEqual(score);
        const slower = { ...key, meanLatencyMs: (key.meanLatencyMs ?? 0) + more };
        expect(healthScore(slower)).toBeLessThanOrEqual(score);
      }),
    );
  });
});
