import * as fc from 'fast-check';
import { RetryBudget } from './retry-budget';

function granted(budget: RetryBudget, asked: number): number {
  return Array.from({ length: asked }, () => budget.tryRetry()).filter(Boolean).length;
}

describe(RetryBudget.name, () => {
  it.each([
    { requests: 0, most: 3 },
    { requests: 15, most: 3 },
    { requests: 19, most: 3 },
    { requests: 22, most: 3 },
    { requests: 23, most: 4 },
    { requests: 1_000, most: 166 },
  ])('allows $most retries in flight at $requests requests', ({ requests, most }) => {
    const budget = new RetryBudget();
    for (let i = 0; i < requests; i++) budget.requestBegan();

    expect(granted(budget, requests + 10)).toBe(most);
  });

  it('allows another retry when one has ended', () => {
    const budget = new RetryBudget(0, 1);
    expect(granted(budget, 2)).toBe(1);
    budget.retryEnded();

    expect(granted(budget, 2)).toBe(1);
  });

  it('allows fewer when requests have ended', () => {
    const budget = new RetryBudget(0.5, 0);
    for (let i = 0; i < 4; i++) budget.requestBegan();
    for (let i = 0; i < 2; i++) budget.requestEnded();

    expect(granted(budget, 4)).toBe(1);
  });

  it('grants a retry exactly when one more is within the floor or the share', () => {
    const aCommand = fc.constantFrom('request', 'request', 'end', 'retry', 'retry', 'retryEnd');
    fc.assert(
      fc.property(fc.array(aCommand, { maxLength: 200, size: 'max' }), (commands) => {
        const budget = new RetryBudget();
        let [requests, retries] = [0, 0];
        for (const command of commands) {
          if (command === 'request') {
            budget.requestBegan();
            requests++;
          } else if (command === 'end' && requests > 0) {
            budget.requestEnded();
            requests--;
          } else if (command === 'retryEnd' && retries > 0) {
            budget.retryEnded();
            retries--;
          } else if (command === 'retry') {
            const isWithin = retries < 3 || retries + 1 <= 0.2 * (requests - retries);
            expect(budget.tryRetry()).toBe(isWithin);
            if (isWithin) retries++;
          }
        }
      }),
    );
  });
});
