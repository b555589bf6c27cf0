import { once } from 'node:events';
import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { csvRecord } from './csv';
import type { LogCriteria } from './log-query';
import type { ExportFormat, ExportLogDto } from './request-log-query.dto';
import type { LoggedRequestDto } from './request-log.dto';
import { RequestLogsRepository } from './request-logs.repository';

const ROWS_PER_PAGE = 1_000;

const CSV_FIELDS: readonly (keyof LoggedRequestDto)[] = [
  'id',
  'request_id',
  'created_at',
  'token_id',
  'token_name',
  'channel_id',
  'key_id',
  'key_index',
  'key',
  'model',
  'model_sent',
  'path',
  'stream',
  'status',
  'end_reason',
  'prompt_tokens',
  'completion_tokens',
  'cached_tokens',
  'is_estimated',
  'duration_ms',
  'ttft_ms',
  'attempts',
];

interface TextForm {
  readonly opening: string;
  readonly line: (request: LoggedRequestDto) => string;
}

const FORMS: Readonly<Record<ExportFormat, TextForm>> = {
  csv: { opening: csvRecord(CSV_FIELDS), line: (request) => csvRecord(CSV_FIELDS.map((field) => request[field])) },
  ndjson: { opening: '', line: (request) => `${JSON.stringify(request)}\n` },
};

/** Writes the log of requests as one long text. */
@Injectable()
export class LogExport {
  constructor(private readonly logs: RequestLogsRepository) {}

  /**
   * The newest first, read a page at a time and only as fast as the reader takes them: no more than two pages are in
   * memory, and no connection to the database is held meanwhile. Rejects if not even the first page can be read; the
   * stream fails if a later one cannot.
   */
  async open({ format, limit, ...criteria }: ExportLogDto): Promise<Readable> {
    const text = Readable.from(this.pages(FORMS[format], criteria, limit), { highWaterMark: 1 });
    await once(text, 'readable');
    return text;
  }

  private async *pages({ opening, line }: TextForm, criteria: LogCriteria, limit: number): AsyncGenerator<string> {
    let wanted = criteria;
    let head = opening;
    for (let left = limit; left > 0; left -= ROWS_PER_PAGE) {
      const most = Math.min(left, ROWS_PER_PAGE);
      const page = await this.logs.list(wanted, most);
      yield head + page.map(line).join('');
      const last = page.at(-1);
      if (!last || page.length < most) return;
      wanted = { ...criteria, after_id: last.id };
      head = '';
    }
  }
}
