import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { LogExport } from './log-export';
import type { LogCriteria } from './log-query';
import { ExportLogDto } from './request-log-query.dto';
import type { LoggedRequestDto } from './request-log.dto';
import type { RequestLogsRepository } from './request-logs.repository';

const PAGE_ROWS = 1_000;

/** A log of ever older requests, which fails from some page on. */
class EndlessLog {
  readonly asked: LogCriteria[] = [];

  constructor(private readonly failsAtPage = Infinity) {}

  list(criteria: LogCriteria, most: number): Promise<LoggedRequestDto[]> {
    if (this.asked.push(criteria) >= this.failsAtPage) return Promise.reject(new Error('the database is away'));
    const newest = (criteria.after_id ?? 1_000_000) - 1;
    return Promise.resolve(Array.from({ length: most }, (_, i) => ({ id: newest - i }) as LoggedRequestDto));
  }
}

describe(LogExport.name, () => {
  function exportOf(log: EndlessLog): LogExport {
    return new LogExport(log as unknown as RequestLogsRepository);
  }

  const query = (fields: Partial<ExportLogDto> = {}): ExportLogDto => Object.assign(new ExportLogDto(), fields);

  it('reads at most two pages ahead of its reader', async () => {
    const log = new EndlessLog();
    const text = await exportOf(log).open(query());
    await sleep(50);
    expect(log.asked.length).toBeLessThanOrEqual(2);
    for (let page = 0; page < 5; page++) {
      if (text.read() === null) await once(text, 'readable');
    }
    await sleep(50);
    expect(log.asked.length).toBeLessThanOrEqual(7);
    text.destroy();
  });

  it('reads no more once its reader has gone', async () => {
    const log = new EndlessLog();
    const text = await exportOf(log).open(query());
    text.destroy();
    await sleep(50);
    const asked = log.asked.length;
    await sleep(50);
    expect(log.asked).toHaveLength(asked);
    expect(asked).toBeLessThanOrEqual(2);
  });

  it('asks for each page after the last item of the one before, with the same filters', async () => {
    const log = new EndlessLog();
    const text = await exportOf(log).open(query({ format: 'ndjson', status: 429, after_id: 9_001, limit: 2_500 }));
    const lines = (await text.toArray()).join('').trimEnd().split('\n');
    expect(lines).toHaveLength(2_500);
    expect(log.asked).toEqual(
      [9_001, 9_001 - PAGE_ROWS, 9_001 - 2 * PAGE_ROWS].map((after_id) => ({ status: 429, after_id })),
    );
  });

  it('refuses to begin when the first page cannot be read', async () => {
    await expect(exportOf(new EndlessLog(1)).open(query())).rejects.toThrow('the database is away');
  });

  it('breaks off when a later page cannot be read', async () => {
    const text = await exportOf(new EndlessLog(3)).open(query());
    await expect(text.toArray()).rejects.toThrow('the database is away');
  });
});
