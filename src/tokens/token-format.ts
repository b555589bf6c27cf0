import { hash } from 'node:crypto';

/** With what every client token begins; the rest is 30 base62 characters and 6 of checksum: `^sk-km-[0-9A-Za-z]{36}$`. */
export const TOKEN_PREFIX = 'sk-km-';

/** The form in which a token is looked up; what is stored tells nothing of the token. */
export function tokenDigest(token: string): string {
  return hash('sha256', token, 'hex');
}
