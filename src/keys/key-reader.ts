import { Injectable } from '@nestjs/common';
import { KeySecrets } from './key-secrets';
import { KeyNotFoundError } from './keys.errors';
import { KeysRepository } from './keys.repository';

/** One key in clear, for a call that an admin asked for. */
export interface RevealedKey {
  readonly keyId: number;
  readonly index: number;
  readonly mask: string;
  readonly secret: string;
}

/** Gives single keys from the database, whatever their state, to those who must send one. */
@Injectable()
export class KeyReader {
  constructor(
    private readonly keys: KeysRepository,
    private readonly secrets: KeySecrets,
  ) {}

  /** The key at this index, or the first enabled one. Throws a `KeyNotFoundError`. */
  async get(channelId: number, index: number | undefined): Promise<RevealedKey> {
    const key =
      index === undefined ? await this.keys.findFirstEnabled(channelId) : await this.keys.findByIndex(channelId, index);
    const secret = key?.secretCiphertext
      ? this.secrets.reveal(key.secretCiphertext, { keyId: key.id, channelId })
      : null;
    if (!key || secret === null) throw new KeyNotFoundError(channelId);
    return { keyId: key.id, index: key.position, mask: key.mask, secret };
  }
}
