import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock } from '../../common/clock';
import { databaseCode } from '../../common/database-code';
import { describeError } from '../../common/describe-error';
import { PeriodicTask } from '../../common/periodic-task';
import { AppConfig } from '../../config/app-config';
import { BatchWriter } from './batch-writer';
import { type FlushableSegment, FlushableSegments } from './flushable-segments';
import { batchOf, type SegmentBatch } from './segment-batch';

const SHORTEST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;
const BETWEEN_LINES_MS = 60_000;
const ASIDE_MS = 600_000;
const DELETE_AGAIN_MS = 5_000;
const FIRST_FLUSH_MS = 5_000;
const SHUTDOWN_MS = 5_000;

// SQLSTATE: a value that does not fit, a check that fails. Bringing the same once more will not help.
const REFUSED_CONTENT = /^2[23]\w{3}$/;

/**
 * Brings closed segments to the database soon after they were closed, and keeps trying while it is away. One that cannot
 * be read, or that the database refuses, is set aside and tried again every 10 minutes, each time with an error in the
 * log; the others do not wait for it. While the database is away, that is said in the log once a minute.
 */
@Injectable()
export class UsageFlusher implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(UsageFlusher.name);
  private readonly flushing: PeriodicTask;
  /** When those set aside are tried again, by name. */
  private readonly aside = new Map<string, number>();
  /** Those that the database has, but that could not be deleted, by name. */
  private readonly undeleted = new Set<string>();
  private starting: Promise<void> = Promise.resolve();
  private retryPauseMs = 0;
  private retryAtMs = -Infinity;
  private awaySinceMs = 0;
  private saidAtMs = 0;
  private stopAtMs = Infinity;

  constructor(
    private readonly segments: FlushableSegments,
    private readonly writer: BatchWriter,
    private readonly clock: Clock,
    config: AppConfig,
  ) {
    this.flushing = new PeriodicTask(
      async () => {
        if (this.clock.nowMs() >= this.retryAtMs) await this.flush();
      },
      config.usageFlushMs,
      (error) => {
        this.logger.error(`The journal's segments cannot be listed: ${describeError(error)}`);
      },
    );
  }

  /** What an earlier run left is flushed before requests come, so that budgets know of it, unless that takes too long. */
  async onApplicationBootstrap(): Promise<void> {
    const first = this.flush().catch((error: unknown) => {
      this.logger.error(`What an earlier run left is flushed later: ${describeError(error)}`);
    });
    this.starting = first.then(() => {
      this.flushing.start();
    });
    await Promise.race([first, sleep(FIRST_FLUSH_MS, undefined, { ref: false })]);
  }

  /** Flushes what it can within 5 seconds; the rest stays in the journal. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopAtMs = this.clock.nowMs() + SHUTDOWN_MS;
    await Promise.race([this.finish(), sleep(SHUTDOWN_MS, undefined, { ref: false })]);
  }

  private async finish(): Promise<void> {
    await this.starting;
    await this.flushing.stop();
    try {
      await this.segments.close();
      await this.flush();
    } catch (error) {
      this.logger.error(`The last requests stay in the journal: ${describeError(error)}`);
    }
  }

  private async flush(): Promise<void> {
    if (this.retryPauseMs === 0) await this.segments.close();
    for (const segment of await this.segments.list()) {
      const nowMs = this.clock.nowMs();
      if (nowMs >= this.stopAtMs) return;
      if (nowMs < (this.aside.get(nameOf(segment)) ?? -Infinity)) continue;
      if (!(await this.bring(segment))) return;
    }
  }

  /** False when the database is away. */
  private async bring(segment: FlushableSegment): Promise<boolean> {
    try {
      const isWritten = this.undeleted.has(nameOf(segment)) || (await this.write(await batchOf(segment)));
      if (!isWritten) return false;
      await this.delete(segment);
    } catch (error) {
      await this.setAside(segment, error);
    }
    return true;
  }

  private async write(batch: SegmentBatch): Promise<boolean> {
    try {
      await this.writer.write(batch);
    } catch (error) {
      if (REFUSED_CONTENT.test(databaseCode(error))) throw error;
      await this.backOff(error);
      return false;
    }
    if (this.retryPauseMs > 0) this.logger.log('The database takes usage again');
    this.retryPauseMs = 0;
    return true;
  }

  private async delete(segment: FlushableSegment): Promise<void> {
    const name = nameOf(segment);
    try {
      await this.segments.done(segment);
      this.aside.delete(name);
      this.undeleted.delete(name);
    } catch (error) {
      this.aside.set(name, this.clock.nowMs() + DELETE_AGAIN_MS);
      if (this.undeleted.has(name)) return;
      this.undeleted.add(name);
      this.logger.warn(
        `Segment ${name} of the journal is in the database, its file could not be deleted: ${reasonOf(error)}`,
      );
    }
  }

  private async backOff(error: unknown): Promise<void> {
    const nowMs = this.clock.nowMs();
    if (this.retryPauseMs === 0) {
      this.awaySinceMs = nowMs;
      this.saidAtMs = -Infinity;
    }
    this.retryPauseMs = Math.min(Math.max(2 * this.retryPauseMs, SHORTEST_RETRY_MS), LONGEST_RETRY_MS);
    this.retryAtMs = nowMs + this.retryPauseMs;
    if (nowMs - this.saidAtMs < BETWEEN_LINES_MS) return;
    this.saidAtMs = nowMs;
    const seconds = Math.round((nowMs - this.awaySinceMs) / 1_000);
    const { length } = await this.segments.list();
    this.logger.warn(
      `Usage waits in the journal until the database takes it, ${length} segments for ${seconds} s now: ${reasonOf(error)}`,
    );
  }

  private async setAside(segment: FlushableSegment, error: unknown): Promise<void> {
    this.aside.delete(nameOf(segment));
    // Of what is gone, the journal has told.
    if (!(await this.segments.list()).includes(segment)) return;
    this.aside.set(nameOf(segment), this.clock.nowMs() + ASIDE_MS);
    this.logger.error(
      `Segment ${nameOf(segment)} of the journal is set aside for 10 minutes, its requests may be missing: ${reasonOf(error)}`,
    );
  }
}

function nameOf({ instance, seq }: FlushableSegment): string {
  return `${instance}/${seq}`;
}

function reasonOf(error: unknown): string {
  return databaseCode(error) || describeError(error);
}
