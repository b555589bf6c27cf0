import { randomBytes } from 'node:crypto';
import type { AppConfig } from '../config/app-config';
import { SecretCipher } from './secret-cipher';

describe(SecretCipher, () => {
  const aCipher = (): SecretCipher =>
    new SecretCipher({ encryptionKey: randomBytes(32).toString('base64') } as AppConfig);
  const cipher = aCipher();
  const secret = 'http://user:pässwörd@proxy.example.com:3128';
  const place = 'channels|7|proxy';

  it('opens what it sealed, and seals the same secret differently each time', () => {
    const sealed = cipher.seal(secret, place);
    expect(cipher.open(sealed, place)).toBe(secret);
    expect(cipher.seal(secret, place)).not.toBe(sealed);
    expect(sealed).toMatch(new RegExp(`^enc\\.v1\\.${cipher.encryptionKeyId}\\.[\\w-]+$`));
  });

  it('refuses a ciphertext that belongs elsewhere', () => {
    const sealed = cipher.seal(secret, place);
    expect(cipher.open(sealed, 'channels|8|proxy')).toBeNull();
    expect(cipher.open(sealed, '')).toBeNull();
  });

  it('refuses every flipped bit and every truncation', () => {
    const sealed = cipher.seal(secret, place);
    const start = sealed.lastIndexOf('.') + 1;
    const bytes = Buffer.from(sealed.slice(start), 'base64url');
    for (let i = 0; i < bytes.length; i++) {
      const flipped = Buffer.from(bytes);
      flipped[i] = (flipped[i] ?? 0) ^ 1;
      expect(cipher.open(sealed.slice(0, start) + flipped.toString('base64url'), place)).toBeNull();
      expect(cipher.open(sealed.slice(0, start) + bytes.subarray(0, i).toString('base64url'), place)).toBeNull();
    }
  });

  it('refuses what another encryption key sealed, and what is no ciphertext at all', () => {
    expect(cipher.open(aCipher().seal(secret, place), place)).toBeNull();
    for (const text of ['', secret, 'enc.v1.', 'enc.v2.x.y']) expect(cipher.open(text, place)).toBeNull();
  });
});
