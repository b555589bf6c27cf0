import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, SystemClock } from '../../src/common/clock';
import { AppConfig } from '../../src/config/app-config';
import type { SegmentContent } from '../../src/usage/flush/flushable-segments';
import { FileJournal } from '../../src/usage/journal/file-journal';
import { type JournalEvent, JournalNews } from '../../src/usage/journal/journal-news';

const STEP_MS = 10;
const GIBIBYTE = 1024 ** 3;

/** How a journal of a scene differs from others. */
interface JournalTerms {
  readonly limitBytes?: number;
  readonly clock?: Clock;
}

/** Journals in one DATA_DIR of their own, each as a process would have it. */
export class JournalScene {
  readonly events: JournalEvent[] = [];
  private readonly running = new Set<FileJournal>();

  private constructor(readonly dataDir: string) {}

  static async make(): Promise<JournalScene> {
    return new JournalScene(await mkdtemp(join(tmpdir(), 'keymux-journal-')));
  }

  get root(): string {
    return join(this.dataDir, 'journal');
  }

  async start({ limitBytes = GIBIBYTE, clock = new SystemClock() }: JournalTerms = {}): Promise<FileJournal> {
    const news = new JournalNews();
    news.subscribe((event) => {
      this.events.push(event);
    });
    const journal = new FileJournal(journalConfig(this.dataDir, STEP_MS, limitBytes), clock, news);
    this.running.add(journal);
    await journal.onModuleInit();
    journal.onApplicationBootstrap();
    return journal;
  }

  async stop(journal: FileJournal): Promise<void> {
    this.running.delete(journal);
    await journal.onApplicationShutdown();
  }

  /** The names in the folder of all journals. */
  folders(): Promise<string[]> {
    return readdir(this.root).catch(() => []);
  }

  async clean(): Promise<void> {
    for (const journal of this.running) await this.stop(journal);
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

export function journalConfig(dataDir: string, usageFlushMs: number, journalLimitBytes: number): AppConfig {
  return Object.assign(new AppConfig(), { dataDir, usageFlushMs, journalLimitBytes });
}

/** What all closed segments of a journal hold, in their order. */
export async function contentOf(journal: FileJournal): Promise<SegmentContent> {
  await journal.close();
  const contents = await Promise.all((await journal.list()).map((segment) => segment.read()));
  return { records: contents.flatMap(({ records }) => records), sums: contents.flatMap(({ sums }) => sums) };
}
