import { keySpellings, maskSpellings } from '../../common/key-spellings';

/** A body with the key masked wherever it is quoted; the same one when it is quoted nowhere. */
export function scrubbedBody(body: Buffer, secret: string): Buffer {
  const quoted = keySpellings(secret).filter(([spelling]) => body.includes(spelling));
  return quoted.length === 0 ? body : Buffer.from(maskSpellings(body.toString('latin1'), quoted), 'latin1');
}
