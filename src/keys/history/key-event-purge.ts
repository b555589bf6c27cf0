import { Injectable } from '@nestjs/common';
import { Purge } from '../../common/purge';
import { AppConfig } from '../../config/app-config';
import { KeyEventsRepository } from './key-events.repository';

/** Deletes events that are older than `KEY_EVENTS_KEEP`. */
@Injectable()
export class KeyEventPurge extends Purge {
  constructor(
    private readonly events: KeyEventsRepository,
    private readonly config: AppConfig,
  ) {
    super();
  }

  protected deleteSome(most: number): Promise<number> {
    return this.events.deleteOlderThan(this.config.keyEventsKeepMs, most);
  }
}
