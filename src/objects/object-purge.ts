import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { PeriodicTask } from '../common/periodic-task';
import { AppConfig } from '../config/app-config';
import { UpstreamObjectsRepository } from './upstream-objects.repository';

const PAUSE_MS = 60_000;
const OBJECTS_PER_STATEMENT = 5_000;
// What is left over has time until the next run; a run that never ends would hold up the shutdown.
const MOST_STATEMENTS = 50;

/** Deletes what is known of objects older than `OBJECT_RETENTION`, some time after they have come of age. */
@Injectable()
export class ObjectPurge implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(ObjectPurge.name);
  private readonly purging = new PeriodicTask(
    () => this.purge(),
    PAUSE_MS,
    () => {
      this.logger.warn('Owners of old upstream objects could not be deleted; they are deleted with the next ones');
    },
  );

  constructor(
    private readonly objects: UpstreamObjectsRepository,
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
      const deleted = await this.objects.deleteOlderThan(this.config.objectRetentionMs, OBJECTS_PER_STATEMENT);
      if (deleted < OBJECTS_PER_STATEMENT) return;
    }
  }
}
