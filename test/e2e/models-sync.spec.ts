import { AppUnderTest } from '../support/app-under-test';
import { FakeUpstream } from '../support/fake-upstream';
import { replies } from '../support/fake-upstream-replies';
import { aKey, someKeys } from '../support/keys';
import { RelayClient } from '../support/relay-client';

interface Synced {
  readonly models: string[];
  readonly added: string[];
  readonly removed: string[];
  readonly applied: boolean;
}

const FAKE_MODELS = ['gpt-4o', 'gpt-4o-mini', 'gpt-3.5-turbo-instruct', 'text-embedding-3-small'];

describe('the models of a channel, fetched from the upstream', () => {
  let app: AppUnderTest;
  let upstream: FakeUpstream;

  beforeAll(async () => {
    [app, upstream] = await Promise.all([AppUnderTest.start(), FakeUpstream.start()]);
  });

  beforeEach(() => {
    upstream.reset();
  });

  afterAll(async () => {
    await app.stop();
    await upstream.stop();
  });

  const open = (fields: object = {}) =>
    app.admin.createChannel({ baseUrl: upstream.baseUrl, keys: someKeys(2), models: ['gpt-4o', 'old'], ...fields });
  const sync = (id: number, body: object = {}) => app.admin.post<Synced>(`/api/channel/${id}/models/sync`, body);
  const modelsOf = async (id: number): Promise<unknown> => (await app.admin.get(`/api/channel/${id}`)).data['models'];
  const asked = (): unknown[] => upstream.probes.map(({ method, path, key }) => [method, path, key]);

  it('become what it lists for the first enabled key, and requests see them at once', async () => {
    const id = await open();
    await app.admin.post('/api/channel/keys/toggle', { channel_id: id, key_index: 0, enabled: false });
    const { status, data } = await sync(id);
    expect(status).toBe(200);
    expect(data).toEqual({ models: FAKE_MODELS, added: FAKE_MODELS.slice(1), removed: ['old'], applied: true });
    expect(asked()).toEqual([['GET', '/v1/models', aKey(1)]]);
    expect(await modelsOf(id)).toEqual(FAKE_MODELS);
    const relay = new RelayClient(app.baseUrl, await app.admin.createToken({ channel_ids: [id] }));
    expect((await relay.chat({ model: 'gpt-4o-mini' })).status).toBe(200);
    expect((await relay.chat({ model: 'old' })).status).toBe(404);
  });

  it('are only shown when nothing is to be applied', async () => {
    const id = await open();
    const { data } = await sync(id, { apply: false });
    expect(data).toEqual({ models: FAKE_MODELS, added: FAKE_MODELS.slice(1), removed: ['old'], applied: false });
    expect(await modelsOf(id)).toEqual(['gpt-4o', 'old']);
  });

  it('come from all pages of Anthropic, with its headers', async () => {
    const page = (ids: string[], has_more: boolean): object => ({
      data: ids.map((id) => ({ type: 'model', id })),
      has_more,
      last_id: ids.at(-1),
    });
    upstream.answerNextProbe(replies.json(200, page(['claude-a', 'claude-b'], true)));
    upstream.answerNextProbe(replies.json(200, page(['claude-b', 'claude-c'], false)));
    const { data } = await sync(await open({ type: 'anthropic' }));
    expect(data.models).toEqual(['claude-a', 'claude-b', 'claude-c']);
    expect(upstream.probes.map(({ path }) => path)).toEqual([
      '/v1/models?limit=1000',
      '/v1/models?limit=1000&after_id=claude-b',
    ]);
    expect(upstream.probes[0]?.headers).toMatchObject({ 'x-api-key': aKey(0), 'anthropic-version': '2023-06-01' });
  });

  it('come from all pages of Gemini, by their plain names', async () => {
    const models = [{ name: 'models/gemini-2.5-pro' }, { name: 'models/gemini-2.5-flash' }];
    upstream.answerNextProbe(replies.json(200, { models: models.slice(0, 1), nextPageToken: 'next' }));
    upstream.answerNextProbe(replies.json(200, { models: models.slice(1) }));
    const { data } = await sync(await open({ type: 'gemini' }));
    expect(data.models).toEqual(['gemini-2.5-pro', 'gemini-2.5-flash']);
    expect(upstream.probes.map(({ path }) => path)).toEqual([
      '/v1beta/models?pageSize=1000',
      '/v1beta/models?pageSize=1000&pageToken=next',
    ]);
    expect(upstream.probes[0]?.headers['x-goog-api-key']).toBe(aKey(0));
  });

  it.each([
    ['refuses the key', replies.status(401), { http_status: 401, verdict: 'KEY_DEAD', code: 'invalid_api_key' }],
    ['is in trouble', replies.status(503), { http_status: 503, verdict: 'CHANNEL' }],
    ['sends a page', replies.html(200), { http_status: 200, verdict: 'CHANNEL' }],
    ['cuts the connection', replies.reset(), { http_status: null, verdict: 'CHANNEL', code: 'econnreset' }],
    ['sends a redirect', replies.redirect('http://127.0.0.1:1/'), { http_status: 302, verdict: 'CHANNEL' }],
    ['lists nothing', replies.json(200, { data: [] }), { http_status: 200, verdict: null, code: 'empty_list' }],
    [
      'lists more than a channel can name',
      replies.json(200, { data: Array.from({ length: 1001 }, (_, id) => ({ id: `model-${id}` })) }),
      { http_status: 200, verdict: null, code: 'too_many_models' },
    ],
    [
      'sends more than anybody reads',
      replies.json(200, { data: [{ id: 'a', about: 'x'.repeat(11 * 1024 * 1024) }] }),
      { http_status: 200, verdict: null, code: 'too_long' },
    ],
  ])('stay as they are when the upstream %s', async (_what, answer, detail) => {
    const id = await open();
    upstream.answerNextProbe(answer);
    const { status, code, message, data } = await sync(id);
    expect([status, code, data]).toMatchObject([502, 'MODELS_NOT_LISTED', detail]);
    expect(message).not.toContain(aKey(0));
    expect(await modelsOf(id)).toEqual(['gpt-4o', 'old']);
    expect((await app.admin.listKeys(id)).map(({ status: state }) => state)).toEqual([1, 1]);
  });

  it('stay as they are when the pages do not end', async () => {
    const id = await open({ type: 'gemini' });
    let pages = 0;
    upstream.answer(
      replies.raw((exchange) => {
        pages += 1;
        exchange.sendJson(200, { models: [{ name: `models/m${pages}` }], nextPageToken: `page-${pages}` });
      }),
    );
    expect((await sync(id)).data).toMatchObject({ code: 'too_many_models' });
    expect(pages).toBe(20);
  });

  it('show no key that the upstream quotes', async () => {
    const id = await open();
    upstream.answerNextProbe(replies.status(401, { message: `Incorrect API key provided: ${aKey(0)}` }));
    const answer = await sync(id);
    expect(answer.data).toMatchObject({ message: expect.stringContaining('Incorrect API key') as string });
    expect(JSON.stringify(answer)).not.toContain(aKey(0));
  });

  it('need a channel and a key that is enabled', async () => {
    expect(await sync(999_999)).toMatchObject({ status: 404, code: 'CHANNEL_NOT_FOUND' });
    expect(await sync(await open({ keys: [] }))).toMatchObject({ status: 404, code: 'KEY_NOT_FOUND' });
    expect(await sync(await open(), { apply: 'yes' })).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
    expect(upstream.probes).toEqual([]);
  });
});
