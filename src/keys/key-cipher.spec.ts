import { randomBytes } from 'node:crypto';
import type { AppConfig } from '../config/app-config';
import { KeyCipher } from './key-cipher';

describe(KeyCipher, () => {
  const aCipher = (): KeyCipher => new KeyCipher({ encryptionKey: randomBytes(32).toString('base64') } as AppConfig);
  const cipher = aCipher();
  const secret = 'sk-1234567890abcdef1234567890abcdef';
  const identity = { keyId: 7, channelId: 1 };

  it('opens what it sealed, and seals the same key differently each time', () => {
    const sealed = cipher.seal(secret, identity);
    expect(cipher.open(sealed, identity)).toBe(secret);
    expect(cipher.seal(secret, identity)).not.toBe(sealed);
    expect(sealed).toMatch(new RegExp(`^enc\\.v1\\.${cipher.encryptionKeyId}\\.[\\w-]+$`));
  });

  it('refuses the ciphertext of another row or channel', () => {
    const sealed = cipher.seal(secret, identity);
    expect(cipher.open(sealed, { keyId: 8, channelId: 1 })).toBeNull();
    expect(cipher.open(sealed, { keyId: 7, channelId: 2 })).toBeNull();
  });

  it('refuses every flipped bit and every truncation', () => {
    const sealed = cipher.seal(secret, identity);
    const start = sealed.lastIndexOf('.') + 1;
    const bytes = Buffer.from(sealed.slice(start), 'base64url');
    for (let i = 0; i < bytes.length; i++) {
      const flipped = Buffer.from(bytes);
      flipped[i] = (flipped[i] ?? 0) ^ 1;
      expect(cipher.open(sealed.slice(0, start) + flipped.toString('base64url'), identity)).toBeNull();
      expect(cipher.open(sealed.slice(0, start) + bytes.subarray(0, i).toString('base64url'), identity)).toBeNull();
    }
  });

  it('refuses what another encryption key sealed, and what is no ciphertext at all', () => {
    expect(cipher.open(aCipher().seal(secret, identity), identity)).toBeNull();
    for (const text of ['', secret, 'enc.v1.', 'enc.v2.x.y']) expect(cipher.open(text, identity)).toBeNull();
  });

  it('gives equal keys equal fingerprints, which no other encryption key gives', () => {
    expect(cipher.fingerprint(secret)).toEqual(cipher.fingerprint(secret));
    expect(cipher.fingerprint(secret)).not.toEqual(cipher.fingerprint(`${secret}x`));
    expect(cipher.fingerprint(secret)).not.toEqual(aCipher().fingerprint(secret));
  });
});
