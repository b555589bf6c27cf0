import { type BeforeApplicationShutdown, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { PeriodicTask } from './periodic-task';

const PAUSE_MS = 60_000;
const ROWS_PER_STATEMENT = 5_000;
// What is left over has time until the next run; a run that never ends would hold up the shutdown.
const MOST_STATEMENTS = 100;

/** Deletes rows some time after they have come of age: once a minute, some rows a statement, until the program stops. */
export abstract class Purge implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(this.constructor.name);
  private isStopping = false;
  private readonly purging = new PeriodicTask(
    () => this.purge(),
    PAUSE_MS,
    () => {
      this.logger.warn('Old rows could not be deleted; they are deleted with the next ones');
    },
  );

  onApplicationBootstrap(): void {
    this.purging.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    await this.purging.stop();
  }

  async purge(): Promise<void> {
    for (let i = 0; i < MOST_STATEMENTS && !this.isStopping; i++) {
      if ((await this.deleteSome(ROWS_PER_STATEMENT)) < ROWS_PER_STATEMENT) return;
    }
  }

  /** Deletes at most so many, the oldest first; how many there were. */
  protected abstract deleteSome(most: number): Promise<number>;
}
