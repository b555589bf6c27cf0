const KIBIBYTE = 1024;
const POST = 'POST /v1/chat/completions HTTP/1.1';
const GET = 'GET /v1/models HTTP/1.1';
const CHUNKED = 'Transfer-Encoding: chunked';
const CLOSE = 'Connection: close';

/** What is sent over one connection. */
interface RawRequest {
  readonly bytes: string | Buffer;
  /** The client closes its side right after. */
  readonly isEnded?: boolean;
}

/** Every request of the table in docs/http-edge.md, by its title there; `body` is a good one for a chat completion. */
export function rawCorpus(token: string, body: string): ReadonlyMap<string, RawRequest> {
  const lines = ['Host: gateway.test', `Authorization: Bearer ${token}`];
  const text = (start: string, extra: readonly string[] = [], rest = ''): string =>
    `${[start, ...lines, ...extra].join('\r\n')}\r\n\r\n${rest}`;
  const head = (extra: string): RawRequest => ({ bytes: text(GET, [extra]) });
  const sized = (length: string): RawRequest => ({ bytes: text(POST, [`Content-Length: ${length}`], body) });
  const coded = (coding: string): RawRequest => ({
    bytes: text(POST, [`Transfer-Encoding: ${coding}`], chunked(body)),
  });
  const chunks = (sent: string): RawRequest => ({ bytes: text(POST, [CHUNKED], sent) });
  const asGiven = (bytes: string | Buffer, isEnded = false): RawRequest => ({ bytes, isEnded });
  const length = Buffer.byteLength(body);
  const smuggled = `0\r\n\r\n${text(GET)}`;
  const lists = (count: number): string[] => Array.from({ length: count - lines.length }, (_, at) => `a${at}:`);

  return new Map([
    ['`Content-Length` with `Transfer-Encoding`', asGiven(text(POST, ['Content-Length: 4', CHUNKED], smuggled))],
    ['`Transfer-Encoding` with `Content-Length`', asGiven(text(POST, [CHUNKED, 'Content-Length: 4'], smuggled))],
    ['two lengths that differ', asGiven(text(POST, [`Content-Length: ${length}`, 'Content-Length: 1'], body))],
    ['two lengths that agree', asGiven(text(POST, Array<string>(2).fill(`Content-Length: ${length}`), body))],
    ['a list of lengths', sized(`${length}, ${length}`)],
    ['a negative length', sized('-1')],
    ['a hexadecimal length', sized(`0x${length.toString(16)}`)],
    ['a length with a plus sign', sized(`+${length}`)],
    ['an empty length', sized('')],
    ['a length of 20 digits', sized('9'.repeat(20))],
    ['`Transfer-Encoding: xchunked`', coded('xchunked')],
    ['`Transfer-Encoding: chunked, identity`', coded('chunked, identity')],
    ['`Transfer-Encoding: gzip, chunked`', coded('gzip, chunked')],
    ['`Transfer-Encoding` twice', asGiven(text(POST, [CHUNKED, 'Transfer-Encoding: identity'], chunked(body)))],
    ['`Transfer-Encoding` with a vertical tab', coded('\vchunked')],
    ['`Transfer-Encoding` in HTTP/1.0', asGiven(text(POST.replace('1.1', '1.0'), [CHUNKED], chunked(body)))],
    ['a chunk whose size is no number', chunks(`zz\r\n${body}\r\n0\r\n\r\n`)],
    ['a chunk whose size overflows', chunks(`${'f'.repeat(17)}\r\n${body}\r\n0\r\n\r\n`)],
    ['a chunk that is longer than its size', chunks(`1\r\n${body}\r\n0\r\n\r\n`)],
    ['chunk extensions of 40 KB', chunks(`1;${'a'.repeat(40 * KIBIBYTE)}\r\n{\r\n0\r\n\r\n`)],
    ['a line feed alone at the end of every line', asGiven(text(GET).replaceAll('\r', ''))],
    ['a line feed alone at the end of a header', head('X: y\nZ: z')],
    ['a line feed alone after the size of a chunk', chunks(chunked(body).replace('\r\n', '\n'))],
    ['a carriage return alone within a header', head('X: y\rZ: z')],
    ['a space before the colon', head('X : y')],
    ['a folded header', head('X: y\r\n z')],
    ['a NUL in a header', head('X: y\0z')],
    ['a header without a colon', head('X')],
    ['no `Host`', asGiven(text(GET).replace('Host: gateway.test\r\n', ''))],
    ['two `Host` headers', head('Host: other.test')],
    ['a method that nobody knows', asGiven(text('BREW /v1/models HTTP/1.1'))],
    ['a request of HTTP/0.9', asGiven('GET /v1/models\r\n\r\n')],
    ['a request that says HTTP/2.0', asGiven(text(GET.replace('1.1', '2.0')))],
    ['the preface of HTTP/2', asGiven('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
    ['a TLS handshake', asGiven(Buffer.from('16030100a5010000a10303000102030405060708', 'hex'))],
    ['an end within the head', asGiven(`${GET}\r\nHost: gateway.test\r\n`, true)],
    ['an end within the body', { ...sized(String(length + 1)), isEnded: true }],
    ['a head that does not come', asGiven(`${GET}\r\nHost: gateway.test\r\n`)],
    ['a body that does not come', sized(String(length + 1))],
    ['a header over 16 KiB', head(`X: ${'x'.repeat(17 * KIBIBYTE)}`)],
    ['a request line over 16 KiB', asGiven(text(`GET /v1/${'x'.repeat(17 * KIBIBYTE)} HTTP/1.1`))],
    ['2,000 headers', asGiven(text(GET, lists(2000)))],
    ['201 headers', asGiven(text(GET, lists(201)))],
    ['`CONNECT`', asGiven(text('CONNECT upstream.test:443 HTTP/1.1'))],
    [
      'a WebSocket handshake',
      asGiven(
        text('GET /v1/realtime HTTP/1.1', ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: eA==']),
      ),
    ],
    ['200 headers', asGiven(text(GET, [...lists(199), CLOSE]))],
    ['a request of HTTP/1.0', asGiven(text(GET.replace('1.1', '1.0')))],
    ['a body in chunks', asGiven(text(POST, [CHUNKED, CLOSE], chunked(body)))],
    [
      'an offer to upgrade to HTTP/2',
      asGiven(text(POST, ['Connection: Upgrade', 'Upgrade: h2c', `Content-Length: ${length}`], body)),
    ],
    ['an expectation that nobody knows', head(`Expect: luck\r\n${CLOSE}`)],
  ]);
}

function chunked(body: string): string {
  return `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`;
}
