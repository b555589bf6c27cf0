import { Injectable } from '@nestjs/common';
import { KeysRepository } from './keys.repository';

/** What to add to one key's counts. */
export interface KeyUsageDelta {
  readonly keyId: number;
  readonly requests: number;
  readonly lastUsedMs: number;
}

/** Adds to the usage counts of keys. */
@Injectable()
export class KeyUsage {
  constructor(private readonly keys: KeysRepository) {}

  /** One statement for all; deleted keys are counted too. */
  async add(deltas: readonly KeyUsageDelta[]): Promise<void> {
    await this.keys.addUsage({
      ids: deltas.map(({ keyId }) => keyId),
      requests: deltas.map(({ requests }) => requests),
      lastUsed: deltas.map(({ lastUsedMs }) => new Date(lastUsedMs)),
    });
  }
}
