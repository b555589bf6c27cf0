import { hkdfSync } from 'node:crypto';

/** A key of 32 bytes for this use alone, made of ENCRYPTION_KEY (base64), which itself encrypts nothing. */
export function derivedKey(encryptionKey: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', Buffer.from(encryptionKey, 'base64'), Buffer.alloc(0), purpose, 32));
}
