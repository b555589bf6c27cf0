import { Injectable } from '@nestjs/common';
import { type Transaction, Transactions } from '../../database/transactions';
import { KeyUsage } from '../../keys/key-usage';
import { TokenSpending, type TokenTotal } from '../spend/token-spending';
import type { SegmentBatch } from './segment-batch';
import { UsageRepository } from './usage.repository';

/** Writes batches to the database: each all or nothing and, however often and by whomever it is brought, once. */
@Injectable()
export class BatchWriter {
  constructor(
    private readonly transactions: Transactions,
    private readonly usage: UsageRepository,
    private readonly keyUsage: KeyUsage,
    private readonly spending: TokenSpending,
  ) {}

  /** When this rejects, the database may have the batch or not; bring it again. */
  async write(batch: SegmentBatch): Promise<void> {
    // Whoever finds a segment empty because another process has taken it away must not pass it off as written.
    if (batch.hours.length === 0) return;
    const totals = await this.transactions.run((transaction) => this.add(transaction, batch));
    this.spending.committed(batch, totals);
  }

  private async add(transaction: Transaction, batch: SegmentBatch): Promise<TokenTotal[]> {
    const { instance, seq, logs, hours, tokens, keys } = batch;
    if (!(await this.usage.claimBatch(transaction, instance, seq))) return this.usage.tokenTotals(transaction, tokens);
    await this.usage.addLogs(transaction, logs);
    await this.usage.addHours(transaction, hours);
    const totals = await this.usage.addTokenUsage(transaction, tokens);
    // Last, because whoever switches a key waits for its row until the commit.
    await this.keyUsage.add(transaction, keys);
    this.spending.committing(batch);
    return totals;
  }
}
