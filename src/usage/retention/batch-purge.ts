import { Injectable } from '@nestjs/common';
import { Purge } from '../../common/purge';
import { RetentionRepository } from './retention.repository';

const BATCHES_KEPT_MS = 30 * 24 * 3_600_000;

/** Forgets after 30 days which batches were flushed. */
@Injectable()
export class BatchPurge extends Purge {
  constructor(private readonly rows: RetentionRepository) {
    super();
  }

  protected deleteSome(most: number): Promise<number> {
    return this.rows.deleteBatches(BATCHES_KEPT_MS, most);
  }
}
