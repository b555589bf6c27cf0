import type { RecordedExchange } from './recorded-exchange';

/** What an upstream sends: exactly these headers and these pieces of a body. */
export interface ApiAnswer {
  readonly status: number;
  /** Names and values by turns. */
  readonly headers: readonly string[];
  readonly pieces: readonly Buffer[];
  /** False: says nothing after the last piece and waits for the client to go. */
  readonly ends: boolean;
}

/** How an upstream's API answers one kind of request. */
export type ApiRoutes = Readonly<Record<string, (exchange: RecordedExchange) => ApiAnswer>>;

type Fields = Readonly<Record<string, unknown>>;

/** When all that an upstream has was made, in Unix seconds. */
export const CREATED_AT = 1_700_000_000;
/** Pieces of this size cut through events, lines and characters. */
const PIECE_BYTES = 97;

const HEADERS = [
  ...['Date', 'Thu, 01 Jan 2026 00:00:00 GMT', 'Server', 'cloudflare', 'CF-Ray', '8f0c2d3e4a5b6c7d-FRA'],
  ...['Set-Cookie', '__cf_bm=one; path=/; HttpOnly', 'Set-Cookie', '_cfuvid=two; path=/', 'Alt-Svc', 'h3=":443"'],
  ...[
    'Strict-Transport-Security',
    'max-age=31536000',
    'OpenAI-Organization',
    'org-of-the-pool',
    'X-Request-Id',
    'req_up',
  ],
  ...['OpenAI-Processing-Ms', '12', 'OpenAI-Version', '2020-10-01', 'X-RateLimit-Remaining-Requests', '9999'],
  ...['Access-Control-Allow-Origin', 'https://upstream.test', 'Access-Control-Expose-Headers', 'X-Request-Id'],
  ...['X-Twice', 'one', 'X-Twice', 'two', 'Vary', 'Origin'],
];

/** The body of a request as JSON. */
export function fieldsOf({ requestBody }: RecordedExchange): Fields {
  return JSON.parse(requestBody.toString()) as Fields;
}

/** JSON that is not what a serialiser would make of it: spaces, a number of many digits, escapes. */
export function jsonAnswer(value: object, status = 200): ApiAnswer {
  const text = JSON.stringify(value, null, 1).replace(
    '{',
    '{ "x_precise" : 0.10000000000000000001, "x_escaped":"\\u00e9\\/",',
  );
  return wholeAnswer(text, 'application/json', status);
}

export function wholeAnswer(body: string | Buffer, contentType: string, status = 200): ApiAnswer {
  const bytes = Buffer.from(body);
  const headers = [...HEADERS, 'Content-Type', contentType, 'Content-Length', String(bytes.length)];
  return { status, headers, pieces: [bytes], ends: true };
}

/** A stream of these events, cut without regard to what they say. */
export function streamAnswer(events: readonly string[]): ApiAnswer {
  return { ...cut(Buffer.from(events.join(''))), headers: streamHeaders('text/event-stream; charset=utf-8') };
}

/** Bytes of no known length, such as sound. */
export function chunkedAnswer(bytes: Buffer, contentType: string): ApiAnswer {
  return { ...cut(bytes), headers: streamHeaders(contentType) };
}

/** An event of a stream whose events have no names. */
export function dataEvent(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

/** An event of a stream whose events are named by the type of what they carry. */
export function namedEvent(type: string, fields: object = {}): string {
  return `event: ${type}\n${dataEvent({ type, ...fields })}`;
}

function streamHeaders(contentType: string): readonly string[] {
  return [...HEADERS, 'Content-Type', contentType, 'Cache-Control', 'no-store', 'X-Accel-Buffering', 'yes'];
}

function cut(bytes: Buffer): Pick<ApiAnswer, 'status' | 'pieces' | 'ends'> {
  const size = Math.max(PIECE_BYTES, Math.ceil(bytes.length / 50));
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
  return { status: 200, pieces, ends: true };
}
