import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { maskSecret } from '../common/mask-secret';

/** Longer error answers are not passed on: they must be held whole to be searched. */
export const MOST_ERROR_BYTES = 1024 * 1024;

const LIMIT = { maxOutputLength: MOST_ERROR_BYTES };

/**
 * An upstream's error body with the key masked wherever it is quoted, decompressed; null when it cannot be decompressed
 * within the limit, and so cannot be searched.
 */
export function scrubbedBody(body: Buffer, contentEncoding: string, secret: string): Buffer | null {
  const text = decompressed(body, contentEncoding.toLowerCase());
  const spellings = spellingsOf(secret).filter(([spelling]) => text?.includes(spelling));
  if (!text || spellings.length === 0) return text;
  const scrub = (rest: string, [spelling, mask]: Spelling): string => rest.replaceAll(spelling, mask);
  return Buffer.from(spellings.reduce(scrub, text.toString('latin1')), 'latin1');
}

/** How a key may be written, and the mask in the same spelling. */
type Spelling = readonly [spelling: string, mask: string];

/** As it is, and as JSON may write it. */
function spellingsOf(secret: string): Spelling[] {
  const mask = maskSecret(secret);
  const escaped = escape(secret);
  return [
    [escaped.replaceAll('/', '\\/'), escape(mask)],
    [escaped, escape(mask)],
    [secret, mask],
  ];
}

function escape(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function decompressed(body: Buffer, encoding: string): Buffer | null {
  try {
    switch (encoding) {
      case '':
      case 'identity':
        return body;
      case 'gzip':
      case 'x-gzip':
        return gunzipSync(body, LIMIT);
      case 'deflate':
        return inflateSync(body, LIMIT);
      case 'br':
        return brotliDecompressSync(body, LIMIT);
      default:
        return null;
    }
  } catch {
    return null;
  }
}
