import { Injectable } from '@nestjs/common';
import { KeySwitch, type SwitchAction } from '../key-switch';
import { KeyTransactions } from '../key-transactions';
import type { KeyMatch } from './key-filter';
import { KeyOperationsRepository, type RecordedOperation } from './key-operations.repository';
import { type KeySurvey, MatchingKeysRepository } from './matching-keys.repository';

/** What an action found and did. */
export interface BulkReport extends KeySurvey {
  /** By which it can be undone; null when it changed nothing. */
  readonly operation: Pick<RecordedOperation, 'id' | 'expiresAt'> | null;
}

/** Changes all keys that match a filter in one transaction, and remembers how they were. */
@Injectable()
export class BulkChanges {
  constructor(
    private readonly transactions: KeyTransactions,
    private readonly matching: MatchingKeysRepository,
    private readonly operations: KeyOperationsRepository,
    private readonly keySwitch: KeySwitch,
  ) {}

  /** Throws a `ChannelNotFoundError`. */
  async apply(match: KeyMatch, action: SwitchAction): Promise<BulkReport> {
    return this.transactions.change(match.channelId, async (transaction, channel) => {
      const survey = await this.matching.survey(match, action, transaction);
      const operation = await this.operations.record(transaction, channel, match, action);
      if (!operation) return { ...survey, affected: 0, operation };
      const affected = await this.keySwitch.actWithin(transaction, channel, action, operation.keyIds);
      return { ...survey, affected, operation };
    });
  }
}
