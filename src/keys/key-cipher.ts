import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { derivedKey } from '../secrets/derived-key';
import { SecretCipher } from '../secrets/secret-cipher';

/** Which row a ciphertext belongs to; it cannot be read as that of any other row. */
export interface KeyIdentity {
  readonly keyId: number;
  readonly channelId: number;
}

/** Encrypts upstream keys for storage, and gives the fingerprints by which equal keys are found without reading them. */
@Injectable()
export class KeyCipher {
  private readonly fingerprintKey: Buffer;

  constructor(
    { encryptionKey }: AppConfig,
    private readonly cipher: SecretCipher,
  ) {
    this.fingerprintKey = derivedKey(encryptionKey, 'keymux/channel-keys/fingerprint');
  }

  seal(secret: string, identity: KeyIdentity): string {
    return this.cipher.seal(secret, associatedData(identity));
  }

  /** The secret, or null when the ciphertext is not this row's, was altered, or is under another encryption key. */
  open(ciphertext: string, identity: KeyIdentity): string | null {
    return this.cipher.open(ciphertext, associatedData(identity));
  }

  fingerprint(secret: string): Buffer {
    return createHmac('sha256', this.fingerprintKey).update(secret, 'latin1').digest();
  }
}

function associatedData({ keyId, channelId }: KeyIdentity): string {
  return `channel_keys|${keyId}|${channelId}|secret`;
}
