import { Injectable } from '@nestjs/common';
import { ChannelReader } from '../../channels/channel-reader';
import type { BulkAction } from './bulk-action';
import type { KeyMatch } from './key-filter';
import { type KeySurvey, MatchingKeysRepository } from './matching-keys.repository';

/** Says what an action on all keys that match a filter would find; changes nothing. */
@Injectable()
export class BulkPreview {
  constructor(
    private readonly channels: ChannelReader,
    private readonly matching: MatchingKeysRepository,
  ) {}

  /** Throws a `ChannelNotFoundError`. */
  async survey(match: KeyMatch, action: BulkAction): Promise<KeySurvey> {
    await this.channels.getSummary(match.channelId);
    return this.matching.survey(match, action);
  }

  /** Ids of all keys that match, in the order of their indices. */
  async listIds(match: KeyMatch): Promise<number[]> {
    return this.matching.listIds(match);
  }
}
