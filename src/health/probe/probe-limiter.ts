import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock';
import { AppConfig } from '../../config/app-config';
import { ProbeLane, type ProbePriority } from './probe-lane';

const SECOND_MS = 1_000;

/** Keeps probes from being a burden: one at a time for each key, and a channel's no closer together than KEY_PROBES_PER_SECOND. */
@Injectable()
export class ProbeLimiter implements BeforeApplicationShutdown {
  private readonly lanes = new Map<number, ProbeLane>();
  private readonly running = new Set<AbortController>();
  private isStopped = false;

  constructor(
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  /** What `work` gives, once it had its turn; null when the program stops before, which ends the signal of what runs. */
  async run<T>(
    channelId: number,
    keyId: number,
    priority: ProbePriority,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | null> {
    if (this.isStopped) return null;
    return new Promise<T | null>((resolve, reject) => {
      const cancel = (): void => {
        resolve(null);
      };
      const start = (): Promise<void> => this.start(work).then(resolve, reject);
      this.laneOf(channelId).add(priority, { keyId, start, cancel });
    });
  }

  beforeApplicationShutdown(): void {
    this.isStopped = true;
    for (const lane of this.lanes.values()) lane.stop();
    for (const controller of this.running) controller.abort();
  }

  private async start<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
    const controller = new AbortController();
    this.running.add(controller);
    try {
      const result = await work(controller.signal);
      return controller.signal.aborted ? null : result;
    } catch (error) {
      if (controller.signal.aborted) return null;
      throw error;
    } finally {
      this.running.delete(controller);
    }
  }

  private laneOf(channelId: number): ProbeLane {
    let lane = this.lanes.get(channelId);
    if (!lane)
      this.lanes.set(channelId, (lane = new ProbeLane(this.clock, SECOND_MS / this.config.keyProbesPerSecond)));
    return lane;
  }
}
