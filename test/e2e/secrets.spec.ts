import { dumpRows, runSql } from '../support/database-rows';
import { EmbeddedApp } from '../support/embedded-app';
import { FakeUpstream } from '../support/fake-upstream';
import { replies } from '../support/fake-upstream-replies';
import { callHttp, type HttpAnswer } from '../support/http-call';

const KEYS = Array.from({ length: 8 }, (_, i) => `sk-canary${i}-0f1e2d3c4b5a69788796a5b4c3d2e1f0`);
const MORE_KEYS = Array.from({ length: 4 }, (_, i) => `sk-canary-more${i}-0f1e2d3c4b5a69788796a5b4`);
const ALTERED_KEY = 'sk-canary-altered-0f1e2d3c4b5a6978';
const REFUSED_KEYS = ['sk-canary refused 0f1e2d3c4b5a', 'sk-canary-ключ-0f1e2d3c4b5a6978'];

const ALL_KEYS = [...KEYS, ...MORE_KEYS, ALTERED_KEY, ...REFUSED_KEYS];

/** Each secret as it stands and in the forms in which it could be written by accident. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [secret, bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, ''), encodeURIComponent(secret)];
}

function expectNone(text: string, secrets: readonly string[], where: string): void {
  const found = secrets.flatMap(formsOf).filter((form) => text.includes(form));
  expect({ where, found }).toEqual({ where, found: [] });
}

describe('secrets', () => {
  let app: EmbeddedApp;
  let upstream: FakeUpstream;
  let relayToken = '';
  const answers: string[] = [];
  const output: string[] = [];

  beforeAll(async () => {
    for (const stream of [process.stdout, process.stderr]) {
      jest.spyOn(stream, 'write').mockImplementation((chunk) => {
        output.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
        return true;
      });
    }
    [app, upstream] = await Promise.all([EmbeddedApp.start(), FakeUpstream.start()]);
  });

  afterAll(async () => {
    jest.restoreAllMocks();
    await upstream.stop();
    await app.remove();
  });

  async function send(method: string, path: string, token: string, body?: object | string): Promise<HttpAnswer> {
    const text = typeof body === 'object' ? JSON.stringify(body) : body;
    const headers = { authorization: `Bearer ${token}` };
    const answer = await callHttp(app.baseUrl, { method, path, headers, ...(text !== undefined && { body: text }) });
    const received = [answer.text, ...[...answer.headers].flat()].join('\n');
    if (method !== 'POST' || path !== '/api/token' || answer.status !== 200) answers.push(received);
    return answer;
  }

  function admin(method: string, path: string, body?: object | string): Promise<HttpAnswer> {
    return send(method, path, app.adminToken, body);
  }

  function chat(stream = false, token = relayToken): Promise<HttpAnswer> {
    const messages = [{ role: 'user', content: 'Hello!' }];
    return send('POST', '/v1/chat/completions', token, { model: 'gpt-3.5-turbo', messages, stream });
  }

  it('are given to the program in every way that it offers', async () => {
    const channel = { name: 'a channel', base_url: upstream.baseUrl, keys: KEYS.slice(0, 4) };
    const created = (await admin('POST', '/api/channel', channel)).json['data'] as { id: number };
    const channel_id = created.id;
    const token = (await admin('POST', '/api/token', { name: 'a client' })).json['data'] as { id: number; key: string };
    relayToken = token.key;
    const base = `/api/channel/${channel_id}`;

    await admin('POST', '/api/channel/keys/import', { channel_id, keys: [...KEYS, ...REFUSED_KEYS], mode: 1 });
    await admin('POST', '/api/channel/keys/import', { channel_id, keys: [...KEYS].reverse(), mode: 0 });
    await admin('PUT', base, { base_url: 'http://127.0.0.1:1' });
    await admin('PUT', base, { base_url: upstream.baseUrl, keys: [...KEYS, ...MORE_KEYS] });
    for (const path of ['', '/keys/details', '/keys/stats', '/keys/batches', '/keys/details?page=1']) {
      await admin('GET', `${base}${path}`);
    }
    await admin('GET', `${base}/keys/details?q=${KEYS[0] ?? ''}`);
    await admin('POST', '/api/channel/keys/toggle', { channel_id, key_index: 1, enabled: false });
    await admin('PATCH', '/api/channel/keys', { channel_id, key_index: 2, note: 'a note', balance: 1 });
    await admin('POST', '/api/channel/keys/delete', { channel_id, key_indices: [11] });
    await admin('PUT', `/api/token/${token.id}`, { name: 'renamed' });
    for (const path of ['/api/token', '/api/channel', '/api/status', '/openapi.json']) await admin('GET', path);
    expect((await chat()).status).toBe(200);
    expect((await chat(true)).status).toBe(200);
    await send('GET', '/v1/models', relayToken);
  });

  it('are in requests that are refused', async () => {
    const [key = ''] = KEYS;
    const single = { name: 'single', base_url: upstream.baseUrl, keys: KEYS, is_multi_key: false };
    await admin('POST', '/api/channel', single);
    await admin('POST', '/api/channel', { ...single, base_url: 'http://10.0.0.1' });
    await admin('POST', '/api/channel', { ...single, keys: key });
    await admin('POST', '/api/channel', {
      ...single,
      keys: [{ key }],
      name: 1,
      weight: key,
      type: key,
      models: { key },
    });
    await admin('POST', '/api/channel/keys/import', { channel_id: 1, keys: REFUSED_KEYS, mode: 1 });
    await admin('POST', '/api/channel/keys/import', { channel_id: key, keys: KEYS, mode: key });
    await admin('POST', '/api/channel/keys/import', { channel_id: 999, keys: KEYS, mode: 0 });
    await admin('POST', '/api/channel/keys/import', `{"channel_id": 1, "mode": 1, "keys": ["${key}`);
    await admin('POST', '/api/channel/keys/import', key);
    await admin('POST', '/api/channel/keys/toggle', { channel_id: 1, key_index: key, enabled: key });
    await admin('POST', '/api/channel/keys/batch-toggle-by-batch', { channel_id: 1, batch_id: key, enabled: true });
    await admin('GET', `/api/channel/${key}`);
    await admin('GET', `/api/channel?status=${key}`);
    for (const token of [key, `${relayToken}x`, relayToken.slice(0, -1), `${app.adminToken}x`]) {
      await send('GET', '/api/channel', token);
      await chat(false, token);
    }
    await send('GET', '/api/channel', relayToken);
    await chat(false, app.adminToken);
    await send('POST', '/v1/chat/completions', relayToken, `{"model": "${relayToken}`);
  });

  it('are used against upstreams that fail in every way', async () => {
    const failures = [
      replies.status(401, { message: 'Incorrect API key provided' }),
      replies.status(429),
      replies.status(500),
      replies.html(502),
      replies.reset(),
      replies.resetMidStream(['a']),
      replies.truncated(),
      replies.redirect('http://127.0.0.1:1/'),
    ];
    for (const failure of failures) {
      upstream.answer(failure);
      await chat().catch(() => undefined);
      await chat(true).catch(() => undefined);
    }
    upstream.reset();
  });

  it('are stored in a row that is then altered', async () => {
    const key = { channel_id: 1, key_index: 12 };
    await admin('POST', '/api/channel/keys/import', { channel_id: 1, keys: [ALTERED_KEY], mode: 1 });
    await runSql(
      app.connection,
      "UPDATE channel_keys SET secret_ciphertext = secret_ciphertext || 'A' WHERE position = 12",
    );
    // Switching makes the program read the row again.
    for (const enabled of [false, true]) await admin('POST', '/api/channel/keys/toggle', { ...key, enabled });
    for (let i = 0; i < 12; i++) await chat();
    expect(upstream.keysUsed()).not.toContain(ALTERED_KEY);
  });

  it.each([400, 401, 403, 404, 422, 429, 500])(
    'are not handed on when an upstream quotes the key in an answer of %i',
    async (status) => {
      const from = answers.length;
      upstream.answer(
        replies.raw((exchange) => {
          const quoted = `Incorrect API key provided: ${exchange.entry.key ?? ''}`;
          exchange.sendJson(status, { error: { message: quoted, type: 'invalid_request_error', code: null } });
        }),
      );
      await chat();
      await chat(true);
      upstream.reset();
      expectNone(answers.splice(from).join('\n'), ALL_KEYS, `an answer of ${status}`);
    },
  );

  it('stand in no row of any table', async () => {
    expectNone(await dumpRows(app.connection), [...ALL_KEYS, relayToken, app.adminToken], 'rows');
  });

  it('stand in no answer', () => {
    expect(answers.length).toBeGreaterThan(60);
    expectNone(answers.join('\n'), [...ALL_KEYS, relayToken, app.adminToken], 'answers');
  });

  it('stand in no file under DATA_DIR but the one that is the encryption key', async () => {
    const [secrets, encryptionKeys] = [[...ALL_KEYS, relayToken, app.adminToken], [] as string[]];
    await app.stop();
    const contents: [path: string, content: Buffer][] = [];
    for await (const file of app.files()) {
      if (file[0].endsWith('/encryption-key')) encryptionKeys.push(file[1].toString().trim());
      else contents.push(file);
    }
    expect(encryptionKeys).toHaveLength(1);
    expect(contents.length).toBeGreaterThan(100);
    // The rows do lie in these files, so that looking there means something.
    expect(contents.some(([, content]) => content.includes('enc.v1.'))).toBe(true);
    for (const [path, content] of contents) {
      expectNone(content.toString('latin1'), [...secrets, ...encryptionKeys], path);
    }
    expectNone(answers.join('\n') + output.join(''), encryptionKeys, 'answers and log');
  });

  it('stand in no line of the log', () => {
    expect(output.join('')).toContain('cannot be decrypted');
    expectNone(output.join(''), [...ALL_KEYS, relayToken, app.adminToken], 'log');
  });
});
