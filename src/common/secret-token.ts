import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_LENGTH = 30;
const CHECKSUM_LENGTH = 6;

/**
 * Makes a bearer token `<prefix><30 base62><6 base62 CRC-32>` with about 178 bits of randomness.
 * The checksum lets scanners recognise a leaked token, and lets us refuse a mistyped one without a lookup.
 */
export function issueSecretToken(prefix: string): string {
  let body = '';
  for (let i = 0; i < RANDOM_LENGTH; i++) body += BASE62.charAt(randomInt(BASE62.length));
  return `${prefix}${body}${checksumOf(prefix + body)}`;
}

/** Whether the text has the form that `issueSecretToken(prefix)` gives, checksum included. */
export function isSecretToken(text: string, prefix: string): boolean {
  if (text.length !== prefix.length + RANDOM_LENGTH + CHECKSUM_LENGTH || !text.startsWith(prefix)) return false;
  const signed = text.slice(0, -CHECKSUM_LENGTH);
  return checksumOf(signed) === text.slice(-CHECKSUM_LENGTH);
}

function checksumOf(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    digits = BASE62.charAt(rest % BASE62.length) + digits;
    rest = Math.floor(rest / BASE62.length);
  }
  return digits;
}
