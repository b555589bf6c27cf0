/**
 * Keeps the retries of one channel from making its trouble worse: those in flight are at most a share of the requests in
 * flight that are at their first attempt, but a few are always allowed. So a share of 20 % makes at most 1.2 attempts of a
 * request where everything fails.
 */
export class RetryBudget {
  private requests = 0;
  private retries = 0;

  /** `share` is a part of 1; `floor` is how many retries may be in flight however few requests are. */
  constructor(
    private readonly share = 0.2,
    private readonly floor = 3,
  ) {}

  requestBegan(): void {
    this.requests++;
  }

  requestEnded(): void {
    this.requests--;
  }

  /** True books a retry, and the caller owes a `retryEnded`. */
  tryRetry(): boolean {
    if (this.retries + 1 > Math.max(this.floor, this.share * (this.requests - this.retries))) return false;
    this.retries++;
    return true;
  }

  retryEnded(): void {
    this.retries--;
  }
}
