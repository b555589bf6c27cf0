import { Injectable } from '@nestjs/common';
import { haveSameOrigin } from '../../channels/base-url';
import type { LockedChannel } from '../../channels/key-change-lock';
import type { Transaction } from '../../database/transactions';
import type { SwitchAction } from '../key-switch';
import { KeyTransactions } from '../key-transactions';
import { OperationAlreadyUndoneError, OperationExpiredError, OperationNotFoundError } from '../keys.errors';
import { KeyOperationsRepository, type StoredOperation } from './key-operations.repository';

/** What an undo did. */
export interface UndoReport {
  readonly action: SwitchAction;
  readonly restored: number;
  /** Keys that were left alone, for they changed after the operation. */
  readonly changedSince: number;
}

/** Brings the keys of an operation back to what they were, each to exactly that, if nobody has changed it since. */
@Injectable()
export class BulkUndo {
  constructor(
    private readonly transactions: KeyTransactions,
    private readonly operations: KeyOperationsRepository,
  ) {}

  /** Throws an `OperationNotFoundError`, `OperationAlreadyUndoneError` or `OperationExpiredError`. */
  async undo(operationId: string): Promise<UndoReport> {
    const channelId = await this.operations.findChannelId(operationId);
    if (channelId === null) throw new OperationNotFoundError();
    return this.transactions.change(channelId, async (transaction, channel) => {
      const operation = await this.takeUndoable(transaction, operationId);
      const restored = await this.restore(transaction, channel, operation);
      await this.operations.close(transaction, operationId);
      const { action, affected } = operation;
      return { action, restored, changedSince: affected - restored };
    });
  }

  private async takeUndoable(transaction: Transaction, id: string): Promise<StoredOperation> {
    const operation = await this.operations.take(transaction, id);
    if (!operation) throw new OperationNotFoundError();
    if (operation.isUndone) throw new OperationAlreadyUndoneError(id);
    if (operation.isExpired) throw new OperationExpiredError(id);
    return operation;
  }

  /** An overwrite settled which keys the channel has; and keys were given for one destination: another one would read them. */
  private async restore(transaction: Transaction, channel: LockedChannel, operation: StoredOperation): Promise<number> {
    const { isOfOldGeneration, baseUrl, presentBaseUrl } = operation;
    if (isOfOldGeneration || !haveSameOrigin(baseUrl, presentBaseUrl)) return 0;
    return this.operations.restore(transaction, channel, operation);
  }
}
