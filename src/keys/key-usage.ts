import { Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transactions';
import { KeysRepository } from './keys.repository';

/** What to add to one key's counts. */
export interface KeyUsageDelta {
  readonly keyId: number;
  readonly requests: number;
  readonly tokens: number;
  readonly lastUsedMs: number;
}

/** Adds to the usage counts of keys. */
@Injectable()
export class KeyUsage {
  constructor(private readonly keys: KeysRepository) {}

  /** As part of a transaction, all at once; deleted keys are counted too. */
  async add(transaction: Transaction, deltas: readonly KeyUsageDelta[]): Promise<void> {
    await this.keys.addUsage(transaction, {
      ids: deltas.map(({ keyId }) => keyId),
      requests: deltas.map(({ requests }) => requests),
      tokens: deltas.map(({ tokens }) => tokens),
      lastUsed: deltas.map(({ lastUsedMs }) => new Date(lastUsedMs)),
    });
  }
}
