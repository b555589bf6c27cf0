/**
 * Runs an async job again and again, never two runs at once, the pause counted from the end of a run.
 * A run that fails is reported to `onError` and does not end the series; the timer never keeps the process alive.
 */
export class PeriodicTask {
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> = Promise.resolve();
  private stopped = true;

  constructor(
    private readonly job: () => Promise<void>,
    private readonly pauseMs: number,
    private readonly onError: (error: unknown) => void,
  ) {}

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.schedule();
  }

  /** Resolves when no run is in progress and none will follow. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    await this.running;
  }

  private schedule(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.job()
        .catch(this.onError)
        .finally(() => {
          this.schedule();
        });
    }, this.pauseMs);
    this.timer.unref();
  }
}
