import { REQUEST_ID_HEADER } from '../../common/request-id';

// Hop-by-hop headers (RFC 9110, 7.6.1), which are about one connection and never travel on.
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

const NEVER_UPSTREAM = new Set([
  ...HOP_BY_HOP,
  'host',
  'expect',
  'content-length',
  'authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'cookie',
  'forwarded',
  'via',
  'x-real-ip',
  'openai-organization',
  'openai-project',
]);

const NEVER_TO_CLIENT = new Set([
  ...HOP_BY_HOP,
  'set-cookie',
  'www-authenticate',
  'server',
  'openai-organization',
  'openai-project',
  'alt-svc',
  'strict-transport-security',
  'x-should-retry',
  'retry-after',
  'retry-after-ms',
]);

const OURS_TO_SET = /^(access-control-|x-keymux-)/;

/** The flat header list of an upstream request: the client's headers less what must not travel, and the key. */
export function upstreamHeaders(
  rawHeaders: readonly string[],
  connection: string | undefined,
  secret: string,
): string[] {
  const named = connectionOptions(connection ?? '');
  const headers = ['authorization', `Bearer ${secret}`];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    if (NEVER_UPSTREAM.has(name) || name.startsWith('x-forwarded-') || named?.includes(name)) continue;
    headers.push(name, rawHeaders[i + 1] ?? '');
  }
  return headers;
}

/**
 * The flat header list of our answer: the upstream's headers less what must not travel, any that quotes the key among it,
 * and our request id.
 */
export function clientHeaders(rawHeaders: readonly Buffer[], requestId: string, secret: string): string[] {
  const named = connectionOptions(headerValue(rawHeaders, 'connection'));
  const headers = [REQUEST_ID_HEADER, requestId];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = textOf(rawHeaders[i]).toLowerCase();
    if (NEVER_TO_CLIENT.has(name) || OURS_TO_SET.test(name) || named?.includes(name)) continue;
    const value = textOf(rawHeaders[i + 1]);
    if (!value.includes(secret)) headers.push(name === REQUEST_ID_HEADER ? 'x-upstream-request-id' : name, value);
  }
  return headers;
}

/** The same list for a body of which only the content is left: decompressed, and of another type if one is given. */
export function recodedHeaders(
  headers: readonly string[],
  contentLength: number,
  contentType: string | null,
): string[] {
  const recoded = ['content-length', String(contentLength)];
  if (contentType !== null) recoded.push('content-type', contentType);
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const [name = '', value = ''] = headers.slice(i, i + 2);
    const isReplaced = name === 'content-type' && contentType !== null;
    if (name !== 'content-length' && name !== 'content-encoding' && !isReplaced) recoded.push(name, value);
  }
  return recoded;
}

/** The value of a header in a flat list of raw headers; empty when it is absent. */
export function headerValue(rawHeaders: readonly Buffer[], wanted: string): string {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === wanted.length && textOf(name).toLowerCase() === wanted) return textOf(rawHeaders[i + 1]);
  }
  return '';
}

// `Connection: close` and `keep-alive`, nearly all there is, name no header.
function connectionOptions(connection: string): readonly string[] | null {
  if (connection === '' || connection === 'keep-alive' || connection === 'close') return null;
  return connection
    .toLowerCase()
    .split(',')
    .map((option) => option.trim());
}

function textOf(header: Buffer | undefined): string {
  return header?.toString('latin1') ?? '';
}
