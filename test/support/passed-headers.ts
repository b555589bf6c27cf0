/** Names and values by turns, as node gives and takes them. */
type RawHeaders = readonly string[];

/** What a channel does to the headers of the requests to its upstream. */
export interface HeaderChanges {
  /** Lower-case name and value of the header that shows the key. */
  readonly credential: readonly [string, string];
  /** What goes along unless the client sends the same. */
  readonly defaults: Readonly<Record<string, string>>;
  /** Lower-case name -> the value that it gets whatever the client sends; null removes it. */
  readonly overrides: Readonly<Record<string, string | null>>;
}

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

/** Each connection has its own, so there is nothing to compare; that the body is whole is compared by its bytes. */
const OF_THE_CONNECTION = new Set([...HOP_BY_HOP, 'host', 'content-length']);

const NEVER_UPSTREAM = new Set([
  'accept-encoding',
  'expect',
  'authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'cookie',
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
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
  'access-control-allow-origin',
  'access-control-expose-headers',
]);

/** What a test asks for to see where its request went. */
const OF_THE_ROUTE = 'x-keymux-';

/** What a client sends that is none of the upstream's business. */
export const PRIVATE_HEADERS: Readonly<Record<string, string>> = {
  cookie: 'session=1',
  forwarded: 'for=192.0.2.1',
  via: '1.1 proxy.test',
  'x-forwarded-for': '192.0.2.1',
  'x-forwarded-host': 'page.test',
  'x-forwarded-proto': 'https',
  'x-real-ip': '192.0.2.1',
};

/** The headers of a request as lines, in the order of the alphabet, less those of its connection. */
export function requestLines(headers: RawHeaders): string[] {
  return linesOf(headers, (name) => OF_THE_CONNECTION.has(name));
}

/** The lines of the upstream's request that a client's request must become. */
export function expectedRequestLines(client: RawHeaders, { credential, defaults, overrides }: HeaderChanges): string[] {
  const sent = new Set(namesOf(client));
  const added = Object.entries(defaults).filter(([name]) => !sent.has(name));
  const set = Object.entries(overrides).filter((entry): entry is [string, string] => entry[1] !== null);
  const ours = [[...credential], ['accept-encoding', 'identity'], ...added, ...set].flat();
  const kept = linesOf(client, (name) => OF_THE_CONNECTION.has(name) || NEVER_UPSTREAM.has(name) || name in overrides);
  return [...kept, ...linesOf(ours, () => false)].sort();
}

/** The headers of an answer as lines, in the order of the alphabet, less those of its connection and the request's id. */
export function answerLines(headers: RawHeaders): string[] {
  const left = new Set([...HOP_BY_HOP, 'x-request-id']);
  return linesOf(headers, (name) => left.has(name) || name.startsWith(OF_THE_ROUTE));
}

/** What decides about an answer's headers beside those that the upstream sent. */
export interface AnswerFacts {
  readonly status: number;
  /** A page asked. */
  readonly hasOrigin: boolean;
}

/** The lines of our answer that an upstream's answer must become. */
export function expectedAnswerLines(upstream: RawHeaders, { status, hasOrigin }: AnswerFacts): string[] {
  const isStream = linesOf(upstream, () => false).some((line) => line.startsWith('content-type: text/event-stream'));
  const replaced = isStream ? ['cache-control', 'x-accel-buffering'] : [];
  const kept = linesOf(upstream, (name) => NEVER_TO_CLIENT.has(name) || replaced.includes(name));
  return [
    ...kept.map((line) => line.replace(/^x-request-id: /, 'x-upstream-request-id: ')),
    ...(isStream ? ['cache-control: no-cache, no-transform', 'x-accel-buffering: no'] : []),
    ...(status >= 400 ? ['x-should-retry: false'] : []),
    ...(hasOrigin ? ['access-control-allow-origin: *', 'access-control-expose-headers: *'] : []),
  ].sort();
}

function linesOf(headers: RawHeaders, isLeftOut: (name: string) => boolean): string[] {
  return namesOf(headers)
    .flatMap((name, i) => (isLeftOut(name) ? [] : [`${name}: ${headers[2 * i + 1] ?? ''}`]))
    .sort();
}

function namesOf(headers: RawHeaders): string[] {
  return headers.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
}
