import { maskSecret } from './mask-secret';

/** How a key may be written, and its mask in the same spelling. */
export type KeySpelling = readonly [spelling: string, mask: string];

/** As JSON may write it, and as it is. */
export function keySpellings(secret: string): KeySpelling[] {
  const mask = maskSecret(secret);
  const escaped = escape(secret);
  return [
    [escaped.replaceAll('/', '\\/'), escape(mask)],
    [escaped, escape(mask)],
    [secret, mask],
  ];
}

/** The text with every spelling of a key in it masked. */
export function maskSpellings(text: string, spellings: readonly KeySpelling[]): string {
  return spellings.reduce((rest, [spelling, mask]) => rest.replaceAll(spelling, () => mask), text);
}

function escape(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
