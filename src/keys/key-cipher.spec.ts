import type { AppConfig } from '../config/app-config';
import { SecretCipher } from '../secrets/secret-cipher';
import { KeyCipher } from './key-cipher';

describe(KeyCipher, () => {
  const aCipher = (fill: number): KeyCipher => {
    const config = { encryptionKey: Buffer.alloc(32, fill).toString('base64') } as AppConfig;
    return new KeyCipher(config, new SecretCipher(config));
  };
  const cipher = aCipher(7);
  const secret = 'sk-1234567890abcdef1234567890abcdef';
  const identity = { keyId: 7, channelId: 1 };

  it('opens what it sealed', () => {
    expect(cipher.open(cipher.seal(secret, identity), identity)).toBe(secret);
  });

  it('opens and finds again what the first release stored', () => {
    const stored =
      'enc.v1.4f171dd62ff661bf.LA7oQqZ_6N5ssI43HP5k6U2O1AHcZxBCBQ23x22zu3SNaRuM-p7W46D7j618EWGoN07u_sNve5ZJjqSbF1Q1';
    expect(cipher.open(stored, identity)).toBe(secret);
    expect(cipher.fingerprint(secret).toString('hex')).toBe(
      '194ed91f9256b486f51f406281fa217fa0815a03c9edff9741f7cddaea656697',
    );
  });

  it('refuses the ciphertext of another row or channel', () => {
    const sealed = cipher.seal(secret, identity);
    expect(cipher.open(sealed, { keyId: 8, channelId: 1 })).toBeNull();
    expect(cipher.open(sealed, { keyId: 7, channelId: 2 })).toBeNull();
  });

  it('gives equal keys equal fingerprints, which no other encryption key gives', () => {
    expect(cipher.fingerprint(secret)).toEqual(cipher.fingerprint(secret));
    expect(cipher.fingerprint(secret)).not.toEqual(cipher.fingerprint(`${secret}x`));
    expect(cipher.fingerprint(secret)).not.toEqual(aCipher(8).fingerprint(secret));
  });
});
