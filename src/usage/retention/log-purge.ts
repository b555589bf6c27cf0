import { Injectable } from '@nestjs/common';
import { Purge } from '../../common/purge';
import { AppConfig } from '../../config/app-config';
import { RetentionRepository } from './retention.repository';

/** Deletes rows of the request log that are older than `LOG_RETENTION`. */
@Injectable()
export class LogPurge extends Purge {
  constructor(
    private readonly rows: RetentionRepository,
    private readonly config: AppConfig,
  ) {
    super();
  }

  protected deleteSome(most: number): Promise<number> {
    return this.rows.deleteLogs(this.config.logRetentionMs, most);
  }
}
