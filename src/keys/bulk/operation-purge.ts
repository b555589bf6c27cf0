import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { PeriodicTask } from '../../common/periodic-task';
import { KeyOperationsRepository } from './key-operations.repository';

const PAUSE_MS = 30_000;

/** Wipes the secrets of deleted keys that can no longer be brought back: within half a minute, and before the program serves. */
@Injectable()
export class OperationPurge implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(OperationPurge.name);
  private readonly purging = new PeriodicTask(
    () => this.operations.purgeExpired(),
    PAUSE_MS,
    () => {
      this.reportFailure();
    },
  );

  constructor(private readonly operations: KeyOperationsRepository) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.operations.purgeExpired().catch(() => {
      this.reportFailure();
    });
    this.purging.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.purging.stop();
  }

  private reportFailure(): void {
    this.logger.warn('The secrets of keys deleted in bulk could not be wiped; the next try is in half a minute');
  }
}
