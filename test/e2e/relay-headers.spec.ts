import { replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { rawPost, sendRaw } from '../support/raw-connection';
import { chatBody, errorOf, type RelayClient } from '../support/relay-client';
import { RelayScene } from '../support/relay-scene';

const CHAT = '/v1/chat/completions';

const NEVER_UPSTREAM = {
  cookie: 'session=1',
  forwarded: 'for=192.0.2.1',
  via: '1.1 proxy',
  'x-forwarded-for': '192.0.2.1',
  'x-forwarded-host': 'gateway.test',
  'x-forwarded-proto': 'https',
  'x-real-ip': '192.0.2.1',
  'openai-organization': 'org-client',
  'openai-project': 'proj-client',
  'proxy-authorization': 'Basic abc',
  'proxy-connection': 'keep-alive',
  te: 'trailers',
  'keep-alive': 'timeout=5',
  'x-hop': 'named by Connection',
};

const NEVER_BACK = {
  'set-cookie': ['a=1', 'b=2'],
  server: 'cloudflare',
  'openai-organization': 'org-pool',
  'openai-project': 'proj-pool',
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'x',
  'alt-svc': 'h3',
  'strict-transport-security': 'max-age=1',
  'x-should-retry': 'true',
  'retry-after': '86400',
};

describe('the headers of the relay', () => {
  let scene: RelayScene;
  let relay: RelayClient;

  beforeAll(async () => {
    scene = await RelayScene.start();
    ({ relay } = await scene.serve({ keys: someKeys(1) }));
  });

  beforeEach(() => {
    scene.upstream.reset();
  });

  afterAll(() => scene.stop());

  it("takes those upstream that are the upstream's to know, with the pool key", async () => {
    const lines = Object.entries(NEVER_UPSTREAM).map(([name, value]) => `${name.toUpperCase()}: ${value}`);
    const kept = [
      'X-Trace: abc',
      'OpenAI-Beta: assistants=v2',
      'X-Stainless-Lang: js',
      'User-Agent: test',
      'X-Twice: 1',
      'X-Twice: 2',
    ];
    const head = [...lines, ...kept, 'Connection: close, X-Hop'];
    expect(await sendRaw(relay.baseUrl, rawPost(CHAT, relay.token, chatBody(), head))).toMatch(/^HTTP\/1\.1 200 /);
    const sent = scene.upstream.ledger[0];
    const headers = { ...sent?.headers };
    for (const name of Object.keys(NEVER_UPSTREAM)) expect([name, headers[name]]).toEqual([name, undefined]);
    expect(headers).toMatchObject({
      authorization: `Bearer ${someKeys(1)[0] ?? ''}`,
      host: new URL(scene.upstream.baseUrl).host,
      'x-trace': 'abc',
      'openai-beta': 'assistants=v2',
      'x-stainless-lang': 'js',
      'user-agent': 'test',
      'x-twice': '1, 2',
      'content-type': 'application/json',
    });
    expect(sent?.rawHeaders.join()).not.toContain(relay.token);
  });

  it('names no credential of the caller upstream, whichever header carried it', async () => {
    for (const name of ['x-api-key', 'api-key', 'x-goog-api-key']) {
      const answer = await relay.chat({}, { authorization: '', [name]: relay.token });
      expect([name, answer.status]).toEqual([name, 200]);
    }
    expect((await relay.chat({}, { 'x-api-key': relay.token, 'api-key': relay.token })).status).toBe(200);
    expect((await relay.chat({}, { authorization: `bEARER   ${relay.token}` })).status).toBe(200);
    expect((await relay.chat({}, { authorization: relay.token })).status).toBe(200);
    expect(scene.upstream.ledger).toHaveLength(6);
    expect(JSON.stringify(scene.upstream.ledger)).not.toContain(relay.token);
  });

  it('refuses credentials that differ', async () => {
    const other = await scene.app.admin.createToken();
    for (const headers of [{ 'x-api-key': other }, { 'api-key': 'x' }, { 'x-goog-api-key': scene.app.adminToken }]) {
      const answer = await relay.chat({}, headers);
      expect([answer.status, errorOf(answer).code]).toEqual([400, 'conflicting_credentials']);
    }
    const twice = rawPost(CHAT, relay.token, chatBody(), [`Authorization: Bearer ${other}`, 'Connection: close']);
    expect(await sendRaw(relay.baseUrl, twice)).toMatch(/^HTTP\/1\.1 400 /);
    expect(scene.upstream.ledger).toEqual([]);
  });

  it.each(['?key=abc', '?a=1&key=', '?%6bey=abc'])('refuses a credential in the URL: %s', async (query) => {
    const answer = await relay.send(`${CHAT}${query}`, { body: chatBody() });
    expect([answer.status, errorOf(answer).code]).toEqual([400, 'token_in_url']);
    const alone = await relay.send(`${CHAT}${query}`, { body: chatBody(), headers: { authorization: '' } });
    expect([400, 401]).toContain(alone.status);
    expect(scene.upstream.ledger).toEqual([]);
  });

  it.each([
    ['no token', '', 'Send a token'],
    ['a word', 'Bearer nonsense', 'not valid'],
    ['a token of the right form', 'Bearer sk-km-0123456789abcdefghijABCDEFGHIJ012345', 'not valid'],
    ['another scheme', 'Basic abc', 'not valid'],
  ])('answers %s with 401', async (_, authorization, words) => {
    const answer = await relay.chat({}, { authorization });
    expect([answer.status, errorOf(answer).code]).toEqual([401, 'invalid_api_key']);
    expect(errorOf(answer).message).toContain(words);
  });

  it("says so when the token is the admin's, disabled or deleted", async () => {
    const admin = await relay.chat({}, { authorization: `Bearer ${scene.app.adminToken}` });
    expect([admin.status, errorOf(admin).message]).toEqual([401, expect.stringMatching(/admin token/)]);
    const { data } = await scene.app.admin.post<{ id: number; key: string }>('/api/token', { name: 'short-lived' });
    const authorization = `Bearer ${data.key}`;
    expect((await relay.send('/v1/models', { headers: { authorization } })).status).toBe(200);
    await scene.app.admin.call('PUT', `/api/token/${data.id}`, { status: 2 });
    expect(errorOf(await relay.chat({}, { authorization })).message).toContain('disabled');
    await scene.app.admin.call('DELETE', `/api/token/${data.id}`);
    expect((await relay.chat({}, { authorization })).status).toBe(401);
  });

  it("brings back those that are the caller's to know", async () => {
    const own = { 'x-ratelimit-limit-requests': '9', 'openai-processing-ms': '12', 'x-request-id': 'req-up' };
    scene.upstream.answer(replies.json(200, { ok: true }, { ...NEVER_BACK, ...own }));
    const { headers } = await relay.chat();
    for (const name of Object.keys(NEVER_BACK)) expect([name, headers.get(name)]).toEqual([name, null]);
    expect(headers.get('openai-processing-ms')).toBe('12');
    expect(headers.get('x-upstream-request-id')).toBe('req-up');
    expect(headers.get('x-request-id')).not.toBe('req-up');
  });

  it('keeps headers back that the upstream names in Connection', async () => {
    scene.upstream.answer(replies.json(200, {}, { connection: 'close, x-hop', 'x-hop': '1', 'x-kept': '2' }));
    const { headers } = await relay.chat();
    expect([headers.get('x-hop'), headers.get('x-kept')]).toEqual([null, '2']);
  });

  it('gives every answer a request id of its own', async () => {
    const answers = [
      await relay.chat(),
      await relay.chat({ stream: true }),
      await relay.chat({ model: '' }),
      await relay.chat({}, { authorization: '' }),
      await relay.send('/v1/models'),
      await relay.send('/v1/models/none'),
      await relay.send('/v1/unknown'),
      await relay.send(CHAT),
      ...(await Promise.all(Array.from({ length: 50 }, () => relay.send('/v1/models')))),
    ];
    const ids = answers.map(({ headers }) => headers.get('x-request-id'));
    for (const id of ids) expect(id).toMatch(/^[\w-]{8,}$/);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('shows the route only where it is asked to', async () => {
    const route = (headers: Headers): (string | null)[] =>
      ['x-keymux-channel', 'x-keymux-key-index', 'x-keymux-attempts'].map((name) => headers.get(name));
    expect(route((await relay.chat()).headers)).toEqual([expect.stringMatching(/^\d+$/), '0', '1']);
    const quiet = await RelayScene.start({ EXPOSE_ROUTE_HEADERS: 'false' });
    try {
      const cast = await quiet.serve({ keys: someKeys(1) });
      quiet.upstream.answerNext(replies.json(200, {}, { 'x-keymux-channel': 'of another gateway' }));
      for (let i = 0; i < 2; i++) expect(route((await cast.relay.chat()).headers)).toEqual([null, null, null]);
    } finally {
      await quiet.stop();
    }
  });

  it('never shows the pool key, even where the upstream quotes it', async () => {
    const [key = ''] = someKeys(1);
    for (const status of [400, 401, 404, 422, 429, 500]) {
      scene.upstream.answer(replies.json(status, { error: { message: `bad key ${key}` } }));
      const answer = await relay.chat();
      expect([status, answer.text.includes(key)]).toEqual([status, false]);
    }
  });
});
