import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Which row a ciphertext belongs to; it cannot be read as that of any other row. */
export interface KeyIdentity {
  readonly keyId: number;
  readonly channelId: number;
}

/**
 * Encrypts upstream keys for storage as `enc.v1.<encryption key id>.<base64url of nonce, ciphertext and tag>`, and gives
 * the fingerprints by which equal keys are found without reading them. Each use has its own key, derived from ENCRYPTION_KEY.
 */
@Injectable()
export class KeyCipher {
  /** Names the encryption key without telling anything of it. */
  readonly encryptionKeyId: string;
  private readonly encryptionKey: Buffer;
  private readonly fingerprintKey: Buffer;
  private readonly prefix: string;

  constructor(config: AppConfig) {
    const master = Buffer.from(config.encryptionKey, 'base64');
    this.encryptionKey = derive(master, 'keymux/channel-keys/encryption');
    this.fingerprintKey = derive(master, 'keymux/channel-keys/fingerprint');
    this.encryptionKeyId = derive(master, 'keymux/encryption-key-id').toString('hex').slice(0, 16);
    this.prefix = `enc.v1.${this.encryptionKeyId}.`;
  }

  seal(secret: string, identity: KeyIdentity): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.encryptionKey, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(associatedData(identity));
    const sealed = Buffer.concat([nonce, cipher.update(secret, 'latin1'), cipher.final(), cipher.getAuthTag()]);
    return this.prefix + sealed.toString('base64url');
  }

  /** The secret, or null when the ciphertext is not this row's, was altered, or is under another encryption key. */
  open(ciphertext: string, identity: KeyIdentity): string | null {
    if (!ciphertext.startsWith(this.prefix)) return null;
    const sealed = Buffer.from(ciphertext.slice(this.prefix.length), 'base64url');
    if (sealed.length < NONCE_BYTES + TAG_BYTES) return null;
    const nonce = sealed.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(ALGORITHM, this.encryptionKey, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(associatedData(identity));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      return decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'latin1') + decipher.final('latin1');
    } catch {
      return null;
    }
  }

  fingerprint(secret: string): Buffer {
    return createHmac('sha256', this.fingerprintKey).update(secret, 'latin1').digest();
  }
}

function derive(master: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), purpose, 32));
}

function associatedData({ keyId, channelId }: KeyIdentity): Buffer {
  return Buffer.from(`channel_keys|${keyId}|${channelId}|secret`);
}
