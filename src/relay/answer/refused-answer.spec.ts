import { gzipSync } from 'node:zlib';
import { type CollectedAnswer, RefusedAnswer } from './refused-answer';

const SECRET = 'sk-1234567890abcdef1234567890abcdef';
const OWN = ['x-request-id', 'our-id'];
const MASK = 'sk-1234...cdef';

type Sketch = Partial<Omit<CollectedAnswer, 'body' | 'rawHeaders'>> & {
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
};

function anAnswer({ body = '{}', headers = {}, ...rest }: Sketch = {}): RefusedAnswer {
  const rawHeaders = Object.entries(headers)
    .flat()
    .map((text) => Buffer.from(text));
  return new RefusedAnswer({ status: 400, isWhole: true, ...rest, body: Buffer.from(body), rawHeaders }, SECRET);
}

function headersOf(answer: RefusedAnswer): Record<string, string> {
  const list = answer.forward(OWN)?.headers ?? [];
  return Object.fromEntries(list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1] ?? '']] : [])));
}

describe(RefusedAnswer, () => {
  it('is judged and passed on without the key that it quotes, and without its compression', () => {
    const body = gzipSync(`{"error":{"message":"bad ${SECRET}"}}`);
    const answer = anAnswer({ body, headers: { 'Content-Encoding': 'gzip', 'X-Echo': SECRET, 'X-Own': 'kept' } });
    const text = `{"error":{"message":"bad ${MASK}"}}`;
    expect(answer.evidence.body).toBe(text);
    expect(answer.forward(OWN)?.body.toString()).toBe(text);
    expect(headersOf(answer)).toEqual({
      'content-length': String(text.length),
      'x-request-id': 'our-id',
      'x-own': 'kept',
      'x-should-retry': 'false',
    });
  });

  it('finds headers by name for the verdict', () => {
    expect(anAnswer({ headers: { 'Retry-After': '7' } }).evidence.header('retry-after')).toBe('7');
  });

  it('is judged by its beginning when it was cut off, and not passed on', () => {
    const answer = anAnswer({ body: '{"error":{"mess', isWhole: false });
    expect(answer.evidence.body).toBe('{"error":{"mess');
    expect(answer.forward(OWN)).toBeNull();
    expect(anAnswer({ body: 'x'.repeat(100_000) }).evidence.body).toHaveLength(65_536);
  });

  it('is no evidence, and not passed on, when it cannot be read', () => {
    const answer = anAnswer({ body: 'not gzip', headers: { 'content-encoding': 'gzip' } });
    expect(answer.evidence.body).toBe('');
    expect(answer.forward(OWN)).toBeNull();
  });

  it.each([
    ['event: error\ndata: {"error":\r\ndata: {"code":429}}\n\ndata: next\n\n', '{"error":\n{"code":429}}'],
    [': hello\n\ndata:{"error":"Schlüssel"}', '{"error":"Schlüssel"}'],
    ['{"error":{"message":"no event at all"}}', '{"error":{"message":"no event at all"}}'],
  ])('as a stream is what its first event says: %j', (body, data) => {
    const answer = anAnswer({ status: 200, body, headers: { 'content-type': 'text/event-stream' } });
    expect(answer.evidence.body).toBe(data);
    expect(answer.forward(OWN)?.body.toString()).toBe(data);
    expect(headersOf(answer)).toMatchObject({ 'content-type': 'application/json' });
  });

  it.each([
    [200, '{"error":{"message":"x"}}', 400],
    [200, '{"error":{"code":422}}', 422],
    [200, '{"error":{"code":"503"}}', 503],
    [200, '{"object":"error","code":404}', 404],
    [200, '{"error":{"code":200}}', 400],
    [200, '{"error":{"code":1210}}', 400],
    [200, '{"error":"x"}', 400],
    [200, 'null', 400],
    [200, '{"error":{"code":401}}', 403],
    [302, '', 400],
    [401, '{"error":{"code":404}}', 403],
    [404, '{"error":{"code":500}}', 404],
  ])('of status %i that says %j reaches the client as a %i', (status, body, clientStatus) => {
    expect(anAnswer({ status, body }).clientStatus).toBe(clientStatus);
  });
});
