import { bearerToken } from '../../common/bearer-token';

const CREDENTIAL_HEADERS = new Set(['authorization', 'x-api-key', 'api-key', 'x-goog-api-key']);
const LENGTHS = new Set([...CREDENTIAL_HEADERS].map((name) => name.length));

/**
 * The one credential of a request, empty when there is none; null when headers carry different ones.
 * Reads the raw list, in which a header that was sent twice is there twice.
 */
export function requestToken(rawHeaders: readonly string[]): string | null {
  let token = '';
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (!LENGTHS.has(name.length) || !CREDENTIAL_HEADERS.has(name.toLowerCase())) continue;
    const other = bearerToken(rawHeaders[i + 1]);
    if (other === '') continue;
    if (token !== '' && token !== other) return null;
    token = other;
  }
  return token;
}
