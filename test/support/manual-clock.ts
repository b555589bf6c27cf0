import { Clock } from '../../src/common/clock';

/** A clock that stands still until a test moves it. */
export class ManualClock extends Clock {
  constructor(
    private currentMs = 5_000_000,
    private currentWallMs = Date.UTC(2026, 0, 15, 12),
  ) {
    super();
  }

  override nowMs(): number {
    return this.currentMs;
  }

  override wallMs(): number {
    return this.currentWallMs;
  }

  /** Lets time pass, on both clocks. */
  advance(ms: number): void {
    this.currentMs += ms;
    this.currentWallMs += ms;
  }

  /** Sets only the machine's clock, forwards or back; no time passes. */
  jumpWall(ms: number): void {
    this.currentWallMs += ms;
  }
}
