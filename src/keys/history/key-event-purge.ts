import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { PeriodicTask } from '../../common/periodic-task';
import { AppConfig } from '../../config/app-config';
import { KeyEventsRepository } from './key-events.repository';

const PAUSE_MS = 600_000;
const EVENTS_PER_STATEMENT = 10_000;
// What is left over has time until the next run; a run that never ends would hold up the shutdown.
const MOST_STATEMENTS = 50;

/** Deletes events that are older than `KEY_EVENTS_KEEP`, some time after they have come of age. */
@Injectable()
export class KeyEventPurge implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(KeyEventPurge.name);
  private readonly purging = new PeriodicTask(
    () => this.purge(),
    PAUSE_MS,
    () => {
      this.logger.warn('Old events of keys could not be deleted; they are deleted with the next ones');
    },
  );

  constructor(
    private readonly events: KeyEventsRepository,
    private readonly config: AppConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.purging.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.purging.stop();
  }

  async purge(): Promise<void> {
    for (let i = 0; i < MOST_STATEMENTS; i++) {
      const deleted = await this.events.deleteOlderThan(this.config.keyEventsKeepMs, EVENTS_PER_STATEMENT);
      if (deleted < EVENTS_PER_STATEMENT) return;
    }
  }
}
