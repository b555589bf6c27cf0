import { Injectable } from '@nestjs/common';
import type { ListLogDto } from './request-log-query.dto';
import type { LoggedRequestDto, LogPageDto } from './request-log.dto';
import { LogNotFoundError } from './request-log.errors';
import { RequestLogsRepository } from './request-logs.repository';

/** Shows the log of requests, page by page or one by its id. */
@Injectable()
export class RequestLogViews {
  constructor(private readonly logs: RequestLogsRepository) {}

  async list({ limit, ...criteria }: ListLogDto): Promise<LogPageDto> {
    // One more than is shown tells whether there are more.
    const rows = await this.logs.list(criteria, limit + 1);
    const items = rows.slice(0, limit);
    return { items, next_after_id: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
  }

  /** The newest request of this id; throws a `LogNotFoundError`. */
  async get(request_id: string): Promise<LoggedRequestDto> {
    const [request] = await this.logs.list({ request_id }, 1);
    if (!request) throw new LogNotFoundError();
    return request;
  }
}
