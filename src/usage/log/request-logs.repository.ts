import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { RequestLog } from '../request-log.entity';
import { type LogCriteria, logQuery } from './log-query';
import type { LoggedRequestDto } from './request-log.dto';

/** Reads the log of requests, with the masks of the keys, deleted ones too. */
@Injectable()
export class RequestLogsRepository {
  constructor(@InjectRepository(RequestLog) private readonly rows: Repository<RequestLog>) {}

  /** The newest first. */
  async list(criteria: LogCriteria, most: number): Promise<LoggedRequestDto[]> {
    const { setting, sql, parameters } = logQuery(criteria, most);
    return this.rows.manager.transaction(async (transaction) => {
      await transaction.query(setting);
      return transaction.query<LoggedRequestDto[]>(sql, [...parameters]);
    });
  }
}
