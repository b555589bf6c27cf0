import { Injectable } from '@nestjs/common';
import { Purge } from '../../common/purge';
import { RetentionRepository } from './retention.repository';

const HOURS_KEPT_MS = 400 * 24 * 3_600_000;

/** Deletes hourly counts after 400 days. */
@Injectable()
export class HourPurge extends Purge {
  constructor(private readonly rows: RetentionRepository) {
    super();
  }

  protected deleteSome(most: number): Promise<number> {
    return this.rows.deleteHours(HOURS_KEPT_MS, most);
  }
}
