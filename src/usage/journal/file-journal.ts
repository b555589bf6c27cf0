import { join } from 'node:path';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../common/clock';
import { PeriodicTask } from '../../common/periodic-task';
import { AppConfig } from '../../config/app-config';
import type { FlushableSegment, FlushableSegments } from '../flush/flushable-segments';
import { RequestJournal } from '../request-journal';
import type { RequestRecord } from '../request-record';
import { FolderAdoption } from './folder-adoption';
import { JournalFullError } from './journal-full.error';
import { JournalNews } from './journal-news';
import { codeOf, JournalReport } from './journal-report';
import { encodeRecord } from './record-codec';
import { RecordSpill } from './record-spill';
import { SegmentCompaction } from './segment-compaction';
import { frameOf } from './segment-format';
import { SegmentSeries } from './segment-series';
import { SegmentShelf } from './segment-shelf';

/** A power cut may take what came since. */
const LONGEST_UNSYNCED_MS = 1_000;
const HEARTBEAT_MS = 10_000;
/** Compaction begins before the limit is reached, at which no more is written. */
const COMPACT_FROM = 0.9;

/**
 * Keeps records in files below DATA_DIR until the database has them: once `record` has returned, the death of the process
 * does not lose the record, and a second later neither does a power cut. Where nothing can be written, requests are not
 * held up: records are in memory then, within bounds, until it can. Takes over what dead processes have left. A segment
 * grows until somebody closes it, or it has 4 MiB.
 */
@Injectable()
export class FileJournal
  extends RequestJournal
  implements FlushableSegments, OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown
{
  private readonly report: JournalReport;
  private readonly shelf: SegmentShelf;
  private readonly series: SegmentSeries;
  private readonly spill = new RecordSpill();
  private readonly compaction: SegmentCompaction;
  private readonly adoption: FolderAdoption;
  private readonly working: PeriodicTask;
  private beatAtMs = -Infinity;

  constructor(
    private readonly config: AppConfig,
    private readonly clock: Clock,
    news: JournalNews,
  ) {
    super();
    const root = join(config.dataDir, 'journal');
    this.report = new JournalReport(news, clock);
    this.shelf = new SegmentShelf(this.report);
    this.series = new SegmentSeries(root, this.shelf, this.report);
    this.compaction = new SegmentCompaction(this.shelf, this.report);
    this.adoption = new FolderAdoption(root, this.series, this.shelf, clock);
    this.working = new PeriodicTask(
      () => this.work(),
      Math.min(config.usageFlushMs, LONGEST_UNSYNCED_MS),
      (error) => {
        this.report.hiccup(error);
      },
    );
  }

  /** What dead processes have left is in the list from then on. */
  async onModuleInit(): Promise<void> {
    await this.keepFolder().catch((error: unknown) => {
      this.report.hiccup(error);
    });
  }

  onApplicationBootstrap(): void {
    this.working.start();
  }

  /** What could not be flushed stays for the next process. */
  async onApplicationShutdown(): Promise<void> {
    await this.working.stop();
    await this.close();
    await this.series.sync();
    await this.adoption.release();
    if (!this.spill.isEmpty) this.report.lost('what could not be written before the program stopped');
  }

  record(record: RequestRecord): void {
    const frame = frameOf(encodeRecord(record));
    if (this.spill.isEmpty && this.hasWritten(frame)) return;
    if (!this.spill.add(frame, record)) this.report.detailDropped(1);
  }

  list(): Promise<readonly FlushableSegment[]> {
    return Promise.resolve(this.shelf.list());
  }

  done(segment: FlushableSegment): Promise<void> {
    return this.shelf.done(segment);
  }

  async close(): Promise<void> {
    await this.drain();
    this.series.close();
  }

  private async work(): Promise<void> {
    await this.drain();
    await this.series.sync();
    await this.compaction.keepWithin(COMPACT_FROM * this.config.journalLimitBytes - this.series.openBytes);
    if (this.clock.nowMs() - this.beatAtMs >= HEARTBEAT_MS) await this.keepFolder();
  }

  /** Tells others that we live, and takes over from those who do not. */
  private async keepFolder(): Promise<void> {
    this.beatAtMs = this.clock.nowMs();
    await this.series.beat();
    await this.adoption.run();
  }

  private hasWritten(frame: Buffer): boolean {
    try {
      this.write(frame);
      return true;
    } catch (error) {
      this.report.failing(codeOf(error));
      return false;
    }
  }

  private write(frame: Buffer): void {
    if (this.shelf.bytes + this.series.openBytes >= this.config.journalLimitBytes) throw new JournalFullError();
    this.series.append(frame);
  }

  private async drain(): Promise<void> {
    if (this.spill.isEmpty) return;
    try {
      await this.spill.drain((frame) => {
        this.write(frame);
      });
      this.report.recovered();
    } catch (error) {
      this.report.failing(codeOf(error));
    }
  }
}
