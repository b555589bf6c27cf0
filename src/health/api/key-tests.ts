import { randomUUID } from 'node:crypto';
import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { ChannelReader } from '../../channels/channel-reader';
import { Clock } from '../../common/clock';
import { describeError } from '../../common/describe-error';
import { KeyTestJobs } from '../../keys/bulk/key-test-jobs';
import { TestAlreadyRunningError, TestNotFoundError } from '../health.errors';
import type { ProbeDepth } from '../probe/probe-report';
import { ProbeSettlement } from '../probe/probe-settlement';
import { Prober } from '../probe/prober';
import { KeyTestJob } from './key-test-job';

/** How keys are tested. */
export interface KeyTestManner {
  readonly depth: ProbeDepth;
  /** Whether the keys become what is found. */
  readonly isApplied: boolean;
}

const MOST_JOBS_KEPT = 20;
// Enough to keep the limiter busy with a slow upstream, few enough to let scheduled probes pass between.
const PROBES_AT_ONCE = 16;
const DEFAULT_MANNER: KeyTestManner = { depth: 'free', isApplied: false };

/** Tests many keys of a channel in the background, one test a channel at a time, and remembers the last 20 tests. */
@Injectable()
export class KeyTests extends KeyTestJobs implements BeforeApplicationShutdown {
  private readonly logger = new Logger(KeyTests.name);
  /** In the order of their start. */
  private readonly jobs = new Map<string, KeyTestJob>();

  constructor(
    private readonly channels: ChannelReader,
    private readonly prober: Prober,
    private readonly settlement: ProbeSettlement,
    private readonly clock: Clock,
  ) {
    super();
  }

  /** Throws a `ChannelNotFoundError` or a `TestAlreadyRunningError`. */
  override async start(
    channelId: number,
    keyIds: readonly number[],
    manner = DEFAULT_MANNER,
  ): Promise<{ job_id: string; total: number }> {
    await this.channels.getSummary(channelId);
    for (const { id, isRunning, channelId: of } of this.jobs.values()) {
      if (isRunning && of === channelId) throw new TestAlreadyRunningError(channelId, id);
    }
    const job = new KeyTestJob(randomUUID(), channelId, keyIds.length, this.now());
    this.jobs.set(job.id, job);
    this.forgetOldest();
    void this.run(job, manner, keyIds);
    return { job_id: job.id, total: job.total };
  }

  /** Throws a `TestNotFoundError`. */
  get(channelId: number, jobId: string): KeyTestJob {
    const job = this.jobs.get(jobId);
    if (job?.channelId !== channelId) throw new TestNotFoundError(channelId);
    return job;
  }

  /** Ends a test that is running; probes under way are not counted any more. */
  cancel(channelId: number, jobId: string): KeyTestJob {
    const job = this.get(channelId, jobId);
    job.end('cancelled', this.now());
    return job;
  }

  beforeApplicationShutdown(): void {
    for (const job of this.jobs.values()) job.end('cancelled', this.now());
  }

  private forgetOldest(): void {
    for (const { id, isRunning } of this.jobs.values()) {
      if (this.jobs.size <= MOST_JOBS_KEPT) return;
      if (!isRunning) this.jobs.delete(id);
    }
  }

  private async run(job: KeyTestJob, manner: KeyTestManner, keyIds: readonly number[]): Promise<void> {
    // Each takes its next key from the same list.
    const waiting = keyIds.values();
    const work = async (): Promise<void> => {
      for (const keyId of waiting) {
        if (!job.isRunning) return;
        await this.testKey(job, manner, keyId);
      }
    };
    await Promise.all(Array.from({ length: PROBES_AT_ONCE }, work));
    job.end('done', this.now());
  }

  private async testKey(job: KeyTestJob, { depth, isApplied }: KeyTestManner, keyId: number): Promise<void> {
    const { channelId } = job;
    try {
      // As scheduled ones: whoever waits for a single answer goes first.
      const finding = await this.prober.probe(channelId, keyId, depth, 'scheduled');
      const transition = finding && isApplied && job.isRunning ? this.settlement.propose(finding) : null;
      if (transition) await this.settlement.store(channelId, transition);
      job.record(finding);
    } catch (error) {
      this.logger.warn(`The test ${job.id} could not probe key ${keyId}: ${describeError(error)}`);
      job.recordFailure();
    }
  }

  private now(): Date {
    return new Date(this.clock.wallMs());
  }
}
