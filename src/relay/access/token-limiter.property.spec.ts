import fc from 'fast-check';
import { ManualClock } from '../../../test/support/manual-clock';
import type { TokenGrant } from '../../tokens/token-directory';
import { type Admission, type LimitDenial, TokenLimiter } from './token-limiter';

const WINDOW_MS = 60_000;

type Limit = number | null;
type Step =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'ask'; readonly id: number; readonly rate: Limit; readonly concurrency: Limit }
  | { readonly do: 'release'; readonly at: number };

const limits = fc.option(fc.integer({ min: 1, max: 20 }));
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(20_000) }) },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('ask' as const),
        id: fc.integer({ min: 1, max: 3 }),
        rate: limits,
        concurrency: limits,
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('release' as const), at: fc.nat(100) }) },
  ),
  { maxLength: 300 },
);

/** Remembers every start and looks through all of them each time. */
class NaiveLimiter {
  private readonly starts: { readonly id: number; readonly atMs: number }[] = [];
  private readonly inFlight: number[] = [];

  ask(id: number, rate: Limit, concurrency: Limit, nowMs: number): string {
    const recent = this.starts.filter((start) => start.id === id && start.atMs > nowMs - WINDOW_MS).length;
    if (rate !== null && recent >= rate) return 'rate';
    if (concurrency !== null && this.inFlight.filter((one) => one === id).length >= concurrency) return 'concurrency';
    if (rate !== null) this.starts.push({ id, atMs: nowMs });
    if (rate !== null || concurrency !== null) this.inFlight.push(id);
    return rate === null ? 'admitted' : `admitted, ${rate - recent - 1} left`;
  }

  release(id: number): void {
    this.inFlight.splice(this.inFlight.indexOf(id), 1);
  }
}

/** The limiter and its model, asked the same. */
class Pair {
  readonly clock = new ManualClock();
  private readonly limiter = new TokenLimiter(this.clock);
  private readonly model = new NaiveLimiter();
  private readonly held: { readonly id: number; readonly admission: Admission }[] = [];

  take(step: Step): void {
    if (step.do === 'wait') this.clock.advance(step.ms);
    else if (step.do === 'release') this.release(step.at);
    else this.ask(step.id, step.rate, step.concurrency);
  }

  private ask(id: number, requestsPerMinute: Limit, concurrentRequests: Limit): void {
    const answer = this.limiter.admit({ id, requestsPerMinute, concurrentRequests } as TokenGrant);
    expect(shown(answer)).toBe(this.model.ask(id, requestsPerMinute, concurrentRequests, this.clock.nowMs()));
    if ('exceeds' in answer) {
      expect(answer.retryAfterS).toBeGreaterThanOrEqual(1);
      expect(answer.retryAfterS).toBeLessThanOrEqual(60);
    } else if (requestsPerMinute !== null || concurrentRequests !== null) {
      this.held.push({ id, admission: answer });
    }
  }

  private release(at: number): void {
    const [one] = this.held.splice(at % Math.max(this.held.length, 1), 1);
    if (!one) return;
    one.admission.release();
    one.admission.release();
    this.model.release(one.id);
  }
}

function shown(answer: Admission | LimitDenial): string {
  if ('exceeds' in answer) return answer.exceeds;
  const left = answer.headers[answer.headers.indexOf('x-ratelimit-remaining-requests') + 1];
  return left === undefined ? 'admitted' : `admitted, ${left} left`;
}

describe(TokenLimiter.name, () => {
  it('decides as a limiter that remembers everything', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const pair = new Pair();
        for (const step of list) pair.take(step);
      }),
      { numRuns: 300 },
    );
  });
});
