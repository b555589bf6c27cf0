import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { derivedKey } from './derived-key';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts secrets for storage as `enc.v1.<encryption key id>.<base64url of nonce, ciphertext and tag>`. Whoever seals one
 * says where it belongs by associated data that names table, row and column: elsewhere it does not open.
 */
@Injectable()
export class SecretCipher {
  /** Names the encryption key without telling anything of it. */
  readonly encryptionKeyId: string;
  private readonly encryptionKey: Buffer;
  private readonly prefix: string;

  constructor({ encryptionKey }: AppConfig) {
    // Named after what was encrypted first; the associated data keeps one kind of secret from passing for another.
    this.encryptionKey = derivedKey(encryptionKey, 'keymux/channel-keys/encryption');
    this.encryptionKeyId = derivedKey(encryptionKey, 'keymux/encryption-key-id').toString('hex').slice(0, 16);
    this.prefix = `enc.v1.${this.encryptionKeyId}.`;
  }

  seal(text: string, associatedData: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.encryptionKey, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(associatedData));
    const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return this.prefix + sealed.toString('base64url');
  }

  /** The secret, or null when the ciphertext belongs elsewhere, was altered, or is under another encryption key. */
  open(ciphertext: string, associatedData: string): string | null {
    if (!ciphertext.startsWith(this.prefix)) return null;
    const sealed = Buffer.from(ciphertext.slice(this.prefix.length), 'base64url');
    if (sealed.length < NONCE_BYTES + TAG_BYTES) return null;
    const nonce = sealed.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(ALGORITHM, this.encryptionKey, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(associatedData));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      return decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      return null;
    }
  }
}
