import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { PeriodicTask } from '../common/periodic-task';
import { AppConfig } from '../config/app-config';
import { KeyUsage, type KeyUsageDelta } from '../keys/key-usage';
import { RequestJournal } from './request-journal';
import type { RequestRecord } from './request-record';

interface Count {
  requests: number;
  lastUsedMs: number;
}

/** Counts in memory how often each key was used, and adds the counts to the database every second or so. */
@Injectable()
export class UsageCounter extends RequestJournal implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(UsageCounter.name);
  private counts = new Map<number, Count>();
  private readonly flushing: PeriodicTask;

  constructor(
    private readonly keyUsage: KeyUsage,
    config: AppConfig,
  ) {
    super();
    this.flushing = new PeriodicTask(
      () => this.flush(),
      config.usageFlushMs,
      () => {
        this.logger.warn('Usage counts could not be written; they are kept and written with the next ones');
      },
    );
  }

  onApplicationBootstrap(): void {
    this.flushing.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.flushing.stop();
    await this.flush().catch(() => {
      this.logger.error(`Usage counts of ${this.counts.size} keys are lost: the database is away`);
    });
  }

  record({ attempts }: RequestRecord): void {
    for (const { keyId, startedAtMs } of attempts) this.add(keyId, 1, startedAtMs);
  }

  private add(keyId: number, requests: number, lastUsedMs: number): void {
    const count = this.counts.get(keyId);
    if (!count) {
      this.counts.set(keyId, { requests, lastUsedMs });
      return;
    }
    count.requests += requests;
    count.lastUsedMs = Math.max(count.lastUsedMs, lastUsedMs);
  }

  private async flush(): Promise<void> {
    if (this.counts.size === 0) return;
    const taken = this.counts;
    this.counts = new Map();
    const deltas: KeyUsageDelta[] = [...taken].map(([keyId, count]) => ({ keyId, ...count }));
    try {
      await this.keyUsage.add(deltas);
    } catch (error) {
      for (const { keyId, requests, lastUsedMs } of deltas) this.add(keyId, requests, lastUsedMs);
      throw error;
    }
  }
}
