import { Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { KeyCipher, type KeyIdentity } from './key-cipher';
import { KeyStateRepository } from './key-state.repository';
import { KeyTransactions } from './key-transactions';

// Decrypting costs microseconds; keeping a whole large pool in clear would cost memory and safety.
const MOST_SECRETS_IN_CLEAR = 10_000;

/** Decrypts keys as they are needed and remembers the last ones used. */
@Injectable()
export class KeySecrets {
  private readonly logger = new Logger(KeySecrets.name);
  private readonly secrets = new LRUCache<number, string>({ max: MOST_SECRETS_IN_CLEAR });

  constructor(
    private readonly cipher: KeyCipher,
    private readonly transactions: KeyTransactions,
    private readonly states: KeyStateRepository,
  ) {}

  /** The key in clear, or null if it cannot be decrypted: then it is taken out of service, and the caller must not use it. */
  reveal(ciphertext: string, identity: KeyIdentity): string | null {
    const known = this.secrets.get(identity.keyId);
    if (known !== undefined) return known;
    const secret = this.cipher.open(ciphertext, identity);
    if (secret === null) void this.reportUnreadable(identity, ciphertext);
    else this.secrets.set(identity.keyId, secret);
    return secret;
  }

  forget(keyId: number): void {
    this.secrets.delete(keyId);
  }

  private async reportUnreadable({ keyId, channelId }: KeyIdentity, ciphertext: string): Promise<void> {
    this.logger.error(`Key ${keyId} of channel ${channelId} cannot be decrypted and is taken out of service`);
    try {
      await this.transactions.change(channelId, (transaction, channel) =>
        this.states.markUnreadable(transaction, channel, { keyId, ciphertext }),
      );
    } catch {
      this.logger.warn(`That key ${keyId} is out of service could not be stored; it stays out while this process runs`);
    }
  }
}
