import { Injectable } from '@nestjs/common';
import { Purge } from '../common/purge';
import { AppConfig } from '../config/app-config';
import { UpstreamObjectsRepository } from './upstream-objects.repository';

/** Deletes what is known of objects older than `OBJECT_RETENTION`. */
@Injectable()
export class ObjectPurge extends Purge {
  constructor(
    private readonly objects: UpstreamObjectsRepository,
    private readonly config: AppConfig,
  ) {
    super();
  }

  protected deleteSome(most: number): Promise<number> {
    return this.objects.deleteOlderThan(this.config.objectRetentionMs, most);
  }
}
