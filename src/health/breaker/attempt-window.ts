const SECONDS = 10;

/** Counts the attempts of the last 10 s and how many of them failed, to the second and in a fixed space. */
export class AttemptWindow {
  // Each place of the ring holds one second; one that it holds for longer than a round is begun anew.
  private readonly seconds = new Float64Array(SECONDS);
  private readonly attempts = new Float64Array(SECONDS);
  private readonly failures = new Float64Array(SECONDS);

  record(nowMs: number, isFailure: boolean): void {
    const second = Math.floor(nowMs / 1_000);
    const place = second % SECONDS;
    if (this.seconds[place] !== second) {
      this.seconds[place] = second;
      this.attempts[place] = 0;
      this.failures[place] = 0;
    }
    add(this.attempts, place, 1);
    if (isFailure) add(this.failures, place, 1);
  }

  totals(nowMs: number): { attempts: number; failures: number } {
    const oldest = Math.floor(nowMs / 1_000) - SECONDS + 1;
    const totals = { attempts: 0, failures: 0 };
    this.seconds.forEach((second, place) => {
      if (second < oldest) return;
      totals.attempts += this.attempts[place] ?? 0;
      totals.failures += this.failures[place] ?? 0;
    });
    return totals;
  }

  clear(): void {
    this.attempts.fill(0);
    this.failures.fill(0);
  }
}

function add(counts: Float64Array, place: number, change: number): void {
  counts[place] = (counts[place] ?? 0) + change;
}
