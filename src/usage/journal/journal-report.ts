import { Logger } from '@nestjs/common';
import type { Clock } from '../../common/clock';
import type { JournalEvent, JournalNews } from './journal-news';

const BETWEEN_LINES_MS = 60_000;

/** Says in the log, and as news, what happens to the journal: each trouble when it begins and ends, not with every request. */
export class JournalReport {
  private readonly logger = new Logger('Journal');
  private isFailing = false;
  private dropped = 0;
  private droppedSaidAtMs = -Infinity;

  constructor(
    private readonly news: JournalNews,
    private readonly clock: Clock,
  ) {}

  failing(code: string): void {
    if (this.isFailing) return;
    this.isFailing = true;
    this.logger.error(`The journal cannot be written (${code}); records are kept in memory until it can`);
    this.tell('failing');
  }

  recovered(): void {
    if (!this.isFailing) return;
    this.isFailing = false;
    this.logger.log('The journal can be written again; what was in memory is in it');
    this.tell('recovered');
  }

  /** Of so many requests more there are only sums. */
  detailDropped(requests: number): void {
    this.dropped += requests;
    const nowMs = this.clock.nowMs();
    if (nowMs - this.droppedSaidAtMs < BETWEEN_LINES_MS) return;
    this.droppedSaidAtMs = nowMs;
    this.logger.error(`No room in the journal: of ${this.dropped} requests only sums are kept`);
    this.dropped = 0;
    this.tell('detail_dropped');
  }

  lost(what: string): void {
    this.logger.error(`Of the journal is lost: ${what}`);
  }

  /** A step of its housekeeping failed and is tried again. */
  hiccup(error: unknown): void {
    this.logger.warn(`The journal could not be tidied up (${codeOf(error)}); it is tried again`);
  }

  private tell(event: JournalEvent): void {
    void this.news.announce(event);
  }
}

/** What of an error may be said: its code, never its message, which names paths. */
export function codeOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return code ?? 'no code';
}
