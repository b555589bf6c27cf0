import { CREDENTIAL_HEADERS, HOP_BY_HOP_HEADERS, tellsOrigin } from '../../channels/guarded-headers';
import { REQUEST_ID_HEADER } from '../../common/request-id';
import type { AnswerHead } from './answer-head';

const NEVER_UPSTREAM = new Set([
  ...HOP_BY_HOP_HEADERS,
  ...CREDENTIAL_HEADERS,
  'host',
  'expect',
  'accept-encoding',
  'content-length',
  'openai-organization',
  'openai-project',
  'x-goog-user-project',
]);

const NEVER_TO_CLIENT = new Set([
  ...HOP_BY_HOP_HEADERS,
  'set-cookie',
  'www-authenticate',
  'server',
  'openai-organization',
  'openai-project',
  'anthropic-organization-id',
  'alt-svc',
  'strict-transport-security',
  'x-should-retry',
  'retry-after',
  'retry-after-ms',
]);

const CONTENT_TYPE = 'content-type';
const OURS = /^(access-control-|x-keymux-)/;
const OURS_WITH_LIMITS = /^(access-control-|x-keymux-|x-ratelimit-)/;
const OURS_OF_STREAM = /^(access-control-|x-keymux-|cache-control$|x-accel-buffering$|content-length$)/;
const OURS_OF_LIMITED_STREAM =
  /^(access-control-|x-keymux-|x-ratelimit-|cache-control$|x-accel-buffering$|content-length$)/;

/** What an upstream request adds to the client's headers, or takes from them. */
export interface UpstreamAdditions {
  /** The key, as a flat list. */
  readonly credentials: readonly string[];
  /** Lower-case name -> value, or null for none. */
  readonly overrides: ReadonlyMap<string, string | null>;
  /** A flat list of what goes along unless the client sends the same. */
  readonly defaults: readonly string[];
  /** In place of the client's; empty for none, null leaves that as it is. */
  readonly contentType: string | null;
}

/**
 * The flat header list of an upstream request: the client's headers less what must not travel, the key, and what the channel
 * adds. Answers must come as they are: what is compressed could not be searched for errors and quoted keys.
 */
export function upstreamHeaders(
  rawHeaders: readonly string[],
  connection: string | undefined,
  { credentials, overrides, defaults, contentType }: UpstreamAdditions,
): string[] {
  const named = connectionOptions(connection ?? '');
  const headers = [...credentials, 'accept-encoding', 'identity'];
  for (const [name, value] of overrides) if (value !== null) headers.push(name, value);
  pushPairs(headers, defaults, (name) => !overrides.has(name) && !hasHeader(rawHeaders, name));
  const setsType = contentType !== null && !overrides.has(CONTENT_TYPE);
  if (setsType && contentType !== '') headers.push(CONTENT_TYPE, contentType);
  pushPairs(headers, rawHeaders, (name) => {
    if (setsType && name === CONTENT_TYPE) return false;
    const isBarred = NEVER_UPSTREAM.has(name) || tellsOrigin(name) || named?.includes(name);
    return !isBarred && !overrides.has(name);
  });
  return headers;
}

/**
 * The flat header list of our answer: our own, and the upstream's less what must not travel and any that quotes the key.
 * Limits of the token's own stand in place of those of a key.
 */
export function clientHeaders(
  { rawHeaders, isEventStream }: Pick<AnswerHead, 'rawHeaders' | 'isEventStream'>,
  ownHeaders: readonly string[],
  secret: string,
): string[] {
  const named = connectionOptions(headerValue(rawHeaders, 'connection'));
  const headers = [...ownHeaders];
  if (isEventStream) headers.push('cache-control', 'no-cache, no-transform', 'x-accel-buffering', 'no');
  const isOurs = oursToSet(ownHeaders, isEventStream);
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = textOf(rawHeaders[i]).toLowerCase();
    if (NEVER_TO_CLIENT.has(name) || isOurs.test(name) || named?.includes(name)) continue;
    const value = textOf(rawHeaders[i + 1]);
    if (!value.includes(secret)) headers.push(name === REQUEST_ID_HEADER ? 'x-upstream-request-id' : name, value);
  }
  return headers;
}

function oursToSet(ownHeaders: readonly string[], isEventStream: boolean): RegExp {
  const hasLimits = ownHeaders.includes('x-ratelimit-limit-requests');
  if (isEventStream) return hasLimits ? OURS_OF_LIMITED_STREAM : OURS_OF_STREAM;
  return hasLimits ? OURS_WITH_LIMITS : OURS;
}

function pushPairs(headers: string[], pairs: readonly string[], isWanted: (name: string) => boolean): void {
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const name = (pairs[i] ?? '').toLowerCase();
    if (isWanted(name)) headers.push(name, pairs[i + 1] ?? '');
  }
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

function hasHeader(rawHeaders: readonly string[], wanted: string): boolean {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === wanted.length && name.toLowerCase() === wanted) return true;
  }
  return false;
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
