import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { eventually } from '../support/eventually';
import { replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { openSocket, rawPost, sendRaw, textOf } from '../support/raw-connection';
import { chatBody, errorOf, type RelayCall, type RelayClient } from '../support/relay-client';
import { RelayScene } from '../support/relay-scene';

const CHAT = '/v1/chat/completions';
const MEBIBYTE = 1024 ** 2;

describe('the door of the relay', () => {
  let scene: RelayScene;
  let relay: RelayClient;

  beforeAll(async () => {
    scene = await RelayScene.start();
    ({ relay } = await scene.serve({ keys: someKeys(3) }));
  });

  beforeEach(() => {
    scene.upstream.reset();
  });

  afterAll(() => scene.stop());

  const post = (body: string | Buffer, headers = {}): RelayCall => ({ body, headers });

  it.each([
    ['unicode', '{"model":"gpt-4o","messages":[{"role":"user","content":"模型 🦊 \u2028 \\u00e9"}]}'],
    ['big and odd numbers', '{"model":"gpt-4o","seed":12345678901234567890,"t":1.10,"e":1e400,"z":-0.0,"messages":[]}'],
    ['odd white space', '\n{\t"messages" :[ ] ,\r\n "model"\n:\t"gpt-4o"  }\n\n'],
    ['escapes in the names', '{"mod\\u0065l":"gpt\\u002d4o","messages":[],"__proto__":{"x":1}}'],
    ['fields that nobody knows', '{"x":{"model":"other","stream":7},"model":"gpt-4o","messages":[],"model_":null}'],
  ])('sends the bytes of a body as they came: %s', async (_, body) => {
    await relay.send(CHAT, post(body));
    expect(scene.upstream.ledger[0]?.body.toString()).toBe(body);
    expect(scene.upstream.ledger[0]?.headers['content-length']).toBe(String(Buffer.byteLength(body)));
  });

  it('sends a body of many pieces and megabytes as it came', async () => {
    const image = 'iVBORw0K'.repeat(MEBIBYTE);
    const body = chatBody({ image });
    const socket = await openSocket(relay.baseUrl);
    socket.resume();
    socket.write(rawPost(CHAT, relay.token, body, ['Connection: close']));
    await once(socket, 'close');
    expect(scene.upstream.ledger[0]?.body.equals(Buffer.from(body))).toBe(true);
  });

  it('replaces a mapped model and no other byte', async () => {
    const mapped = await scene.serve({ keys: someKeys(1), model_mapping: { 'my-model': 'vendor/model"1"' } });
    const body = '{ "n":1.50, "model" :\t"my-model", "nested":{"model":"my-model"}, "text":"my-model 模" }';
    await mapped.relay.send(CHAT, post(body));
    expect(scene.upstream.ledger[0]?.body.toString()).toBe(body.replace('"my-model"', '"vendor/model\\"1\\""'));
  });

  it.each([
    ['', '/v1/chat/completions'],
    ['/', '/v1/chat/completions'],
    ['/v1', '/v1/chat/completions'],
    ['/v1/', '/v1/chat/completions'],
    ['/some/base', '/some/base/v1/chat/completions'],
    ['/api/paas/v4', '/api/paas/v4/chat/completions'],
  ])('joins a base URL ending in %j with the path', async (base, expected) => {
    const cast = await scene.serve({ keys: someKeys(1), baseUrl: `${scene.upstream.baseUrl}${base}` });
    await cast.relay.send(`${CHAT}?api-version=1&x=%2F`, post(chatBody()));
    expect(scene.upstream.ledger[0]?.path).toBe(`${expected}?api-version=1&x=%2F`);
  });

  it.each([
    ['not JSON', 'nonsense', 'invalid_json'],
    ['no body at all', '', 'invalid_json'],
    ['half an object', '{"model":"gpt-4o"', 'invalid_json'],
    ['a list', '[{"model":"gpt-4o"}]', 'invalid_json'],
    ['65 levels', `{"model":"gpt-4o","a":${'['.repeat(64)}${']'.repeat(64)}}`, 'invalid_json'],
    ['a hundred thousand levels', '['.repeat(100_000), 'invalid_json'],
    ['two models', '{"model":"gpt-4o","model":"other"}', 'invalid_json'],
    ['no model', '{"messages":[]}', 'model_required'],
    ['an empty model', '{"model":""}', 'model_required'],
    ['a model that is a number', '{"model":4}', 'invalid_model'],
    ['a stream that is a text', '{"model":"gpt-4o","stream":"yes"}', 'invalid_stream'],
  ])('refuses a body with %s', async (_, body, code) => {
    const answer = await relay.send(CHAT, post(body));
    expect([answer.status, errorOf(answer).code]).toEqual([400, code]);
    expect(answer.text).not.toMatch(/Unexpected|position \d|nonsense/);
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(scene.upstream.ledger).toEqual([]);
  });

  it('passes 64 levels', async () => {
    const body = `{"model":"gpt-4o","messages":[],"a":${'['.repeat(63)}${']'.repeat(63)}}`;
    expect((await relay.send(CHAT, post(body))).status).toBe(200);
  });

  it('refuses compressed bodies, and takes identity in any case for none', async () => {
    const answer = await relay.send(CHAT, post(gzipSync(chatBody()), { 'content-encoding': 'gzip' }));
    expect([answer.status, errorOf(answer).code]).toEqual([415, 'unsupported_encoding']);
    for (const encoding of ['identity', 'Identity']) {
      expect((await relay.chat({}, { 'content-encoding': encoding })).status).toBe(200);
    }
  });

  it('refuses a body that says it is too large before it is sent', async () => {
    const socket = await openSocket(relay.baseUrl);
    const head = rawPost(CHAT, relay.token, '', ['Connection: keep-alive']);
    socket.write(head.replace('Content-Length: 0', `Content-Length: ${33 * MEBIBYTE}`));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 [^]*connection: close[^]*"request_too_large"/i);
    await once(socket, 'close');
  });

  it.each([
    ['with its length', `Content-Length: ${40 * MEBIBYTE}`, Buffer.alloc(40 * MEBIBYTE, ' ')],
    ['in chunks', 'Transfer-Encoding: chunked', Buffer.from(`100000\r\n${' '.repeat(MEBIBYTE)}\r\n`.repeat(40))],
  ])('lets a client that sends 40 MB %s before it reads find the refusal', async (_, length, body) => {
    const socket = await openSocket(relay.baseUrl);
    socket.write(rawPost(CHAT, relay.token, '').replace('Content-Length: 0', length));
    const failure = await new Promise((sent) => socket.write(body, sent));
    expect(failure ?? null).toBeNull();
    expect(await textOf(socket)).toMatch(/^HTTP\/1\.1 413 [^]*"request_too_large"/);
    expect(scene.upstream.ledger).toEqual([]);
  });

  it('accepts a body of nearly 32 MB', async () => {
    const body = chatBody({ padding: 'x'.repeat(32 * MEBIBYTE - 1024) });
    expect((await relay.send(CHAT, post(body))).status).toBe(200);
    expect(scene.upstream.ledger[0]?.body.length).toBe(body.length);
  });

  it.each([
    ['GET', '/v1/unknown'],
    ['POST', '/v1/billing/usage'],
    ['POST', '/v1/chat/completions/extra'],
    ['GET', '/v1/..%2fapi%2fchannel'],
  ])('answers %s %s with 404 and a hint', async (method, path) => {
    const answer = await relay.send(path, { method });
    expect([answer.status, errorOf(answer)]).toMatchObject([
      404,
      { code: 'unknown_url', type: 'invalid_request_error' },
    ]);
    expect(errorOf(answer).message).toContain('/v1/chat/completions');
    expect(scene.upstream.ledger).toEqual([]);
  });

  it.each([
    ['GET', CHAT, 'POST'],
    ['PUT', '/v1/embeddings', 'POST'],
    ['POST', '/v1/models', 'GET'],
    ['DELETE', '/v1/models/gpt-4o', 'GET'],
  ])('answers %s %s with 405 and names %s', async (method, path, right) => {
    const answer = await relay.send(path, { method });
    expect([answer.status, errorOf(answer).code]).toEqual([405, 'method_not_allowed']);
    expect(answer.headers.get('allow')).toBe(right);
  });

  it.each([
    ['a doubled slash', 'GET //v1/models HTTP/1.1', /^HTTP\/1\.1 200 /],
    ['dots', 'GET /v1/../api/channel HTTP/1.1', /^HTTP\/1\.1 404 [^]*"unknown_url"/],
    ['encoded dots', 'GET /v1/%2e%2e/api/channel HTTP/1.1', /^HTTP\/1\.1 404 [^]*"unknown_url"/],
    ['an encoded letter', 'GET /%761/models HTTP/1.1', /^HTTP\/1\.1 404 /],
    ['another case', 'GET /V1/models HTTP/1.1', /^HTTP\/1\.1 404 /],
    ['a longer prefix', 'GET /v1beta HTTP/1.1', /^HTTP\/1\.1 404 /],
    ['a broken escape', 'GET /v1/models/%zz HTTP/1.1', /^HTTP\/1\.1 200 [^]*"id":"%zz"/],
    ['no request line', 'nonsense', /^HTTP\/1\.1 400 /],
    ['an unknown method', 'BREW /v1/models HTTP/1.1', /^HTTP\/1\.1 400 /],
    ['TRACE', 'TRACE /v1/models HTTP/1.1', /^HTTP\/1\.1 405 /],
    ['two lengths', 'POST /v1/embeddings HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2', /^HTTP\/1\.1 400 /],
    [
      'length and chunks',
      'POST /v1/embeddings HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked',
      /^HTTP\/1\.1 400 /,
    ],
    ['no host', 'GET /v1/models HTTP/1.1\r\nHost:', /^HTTP\/1\.1 (200|400) /],
    ['too many headers', `GET /v1/models HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`, /^HTTP\/1\.1 431 /],
  ])('is not confused by %s', async (_, start, expected) => {
    const lines = ['Host: gateway.test', `Authorization: Bearer ${relay.token}`, 'Connection: close'];
    const shown = start.includes('\nHost:') ? lines.slice(1) : lines;
    expect(await sendRaw(relay.baseUrl, [start, ...shown, '', ''].join('\r\n'))).toMatch(expected);
    expect(scene.upstream.ledger).toEqual([]);
  });

  it('serves one request after another on a connection, refused ones too', async () => {
    const socket = await openSocket(relay.baseUrl);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const statuses = (): string[] => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status ?? '');
    const requests = [chatBody(), 'nonsense', chatBody({ model: '' }), chatBody()];
    for (const [at, body] of requests.entries()) {
      socket.write(rawPost(CHAT, relay.token, body));
      await eventually(() => {
        expect(statuses()).toHaveLength(at + 1);
      });
    }
    expect(statuses()).toEqual(['200', '400', '400', '200']);
    socket.destroy();
  });

  it('serves HTTP/1.0 clients', async () => {
    scene.upstream.answer(replies.stream(['one ', 'two ']));
    const request = rawPost(CHAT, relay.token, chatBody()).replace('HTTP/1.1', 'HTTP/1.0');
    expect(await sendRaw(relay.baseUrl, request)).toMatch(/ 200 OK\r\n[^]*\r\n\r\ndata: [^]*data: \[DONE\]\n\n$/);
  });
});
