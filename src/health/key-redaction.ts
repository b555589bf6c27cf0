import { keySpellings, maskSpellings } from '../common/key-spellings';
import { maskSecret } from '../common/mask-secret';

// What providers' keys begin with. Asterisks belong to keys that the upstream masked itself, showing more than we do.
const KEY_LIKE = /\b(?:(?:sk|pk|rk|gsk|xai)[-_]|AIza)[\w*-]{8,}/g;

/** A text from an upstream with this key masked wherever it is quoted, as it is or as JSON writes it, and with other keys. */
export function redactKeys(text: string, secret: string): string {
  return maskLikelyKeys(maskSpellings(text, keySpellings(secret)));
}

/** A text with all masked in it that looks like a key. */
export function maskLikelyKeys(text: string): string {
  return text.replace(KEY_LIKE, maskSecret);
}
