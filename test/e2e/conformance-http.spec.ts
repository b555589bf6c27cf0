import { ConformanceScene } from '../support/conformance-scene';
import { type HttpAnswer, type HttpCall, callHttp } from '../support/http-call';
import type { Passage } from '../support/passage';

const CHAT = '/v1/chat/completions';
const AZURE = '?api-version=2024-10-21';
/** Nothing that a serialiser would make: spaces, escapes, numbers that no double holds. */
const BODY =
  '{ "model" :\t"gpt-4o", "messages":[{"role":"user","content":"\\u4e16\\/界"}],"seed":12345678901234567890,\r\n "temperature":1.0, "x":1e400 } ';
const PROMPT = '{"contents":[{"parts":[{"text":"one"}]}]}';

describe('a program without a library', () => {
  let scene: ConformanceScene;
  let passage: Passage;

  beforeAll(async () => {
    scene = await ConformanceScene.start();
    passage = await scene.serve();
  });

  beforeEach(() => {
    passage.forget();
  });

  afterAll(() => scene.stop());

  function call(through: Passage, { headers, ...rest }: HttpCall): Promise<HttpAnswer> {
    const { baseUrl, apiKey } = through.through;
    return callHttp(baseUrl, { ...rest, headers: { authorization: `Bearer ${apiKey}`, ...headers } });
  }

  it.each([
    [CHAT, CHAT],
    ['/chat/completions', CHAT],
    ['/v1/v1/chat/completions', CHAT],
    ['//v1/chat/completions', CHAT],
    ['/v1//chat/completions', CHAT],
    [`${CHAT}/`, CHAT],
    [`${CHAT}?beta=1&a=%20b`, `${CHAT}?beta=1&a=%20b`],
    ['/openai/v1/chat/completions', CHAT],
    [`/openai/deployments/gpt-4o/chat/completions${AZURE}`, `${CHAT}${AZURE}`],
  ])('reaches the upstream from %s at %s, the body as it was', async (path, target) => {
    expect((await call(passage, { method: 'POST', path, body: BODY })).status).toBe(200);
    const [reached] = scene.upstream.exchanges;
    expect([reached?.target, reached?.requestBody.toString()]).toEqual([target, BODY]);
  });

  it.each<[string, HttpCall, object]>([
    ['says what is here', { path: '/v1' }, { object: 'gateway', models: '/v1/models' }],
    ['lists models from the root', { path: '/models' }, { object: 'list', data: [] }],
    ['lists models from a doubled version', { path: '/v1/v1/models' }, { object: 'list', data: [] }],
  ])('%s', async (_, asked, json) => {
    const answer = await call(passage, asked);
    expect([answer.status, answer.json]).toEqual([200, expect.objectContaining(json)]);
    expect(answer.headers.get('x-request-id')).toMatch(/^[\w.:-]{8,64}$/);
  });

  it('answers HEAD as GET, without the body', async () => {
    const [get, head] = [
      await call(passage, { path: '/v1/models' }),
      await call(passage, { method: 'HEAD', path: '/v1/models' }),
    ];
    expect([head.status, head.text]).toEqual([200, '']);
    for (const name of ['content-type', 'content-length', 'etag']) {
      expect(head.headers.get(name)).toBe(get.headers.get(name));
    }
  });

  it.each([CHAT, '/v1/messages', '/v1beta/models/gemini-2.5-flash:generateContent', '/chat/completions'])(
    'lets any page ask %s, with whatever headers it wants to send, and before it has a token',
    async (path) => {
      const wanted = 'x-stainless-os, authorization, X-Whatever';
      const headers = { origin: 'https://page.test', 'access-control-request-headers': wanted };
      const { status, headers: answered } = await callHttp(scene.app.baseUrl, { method: 'OPTIONS', path, headers });
      expect(status).toBe(204);
      expect(answered.get('access-control-allow-origin')).toBe('*');
      expect(answered.get('access-control-allow-headers')).toBe(wanted);
      expect(answered.get('access-control-allow-methods')).toContain('POST');
      expect(answered.get('access-control-max-age')).toBe('86400');
      expect(answered.get('access-control-allow-credentials')).toBeNull();
    },
  );

  it('lets a page read its answers and its refusals', async () => {
    for (const path of ['/v1/models', '/v1/nothing']) {
      const { headers } = await call(passage, { path, headers: { origin: 'https://page.test' } });
      expect([path, headers.get('access-control-allow-origin')]).toEqual([path, '*']);
    }
  });

  it.each<[HttpCall, object]>([
    [{ path: '/v1/nothing' }, { code: 'unknown_url', message: expect.stringContaining(`POST ${CHAT}`) as string }],
    [{ method: 'POST', path: '/v1/files', body: '{}' }, { code: 'unknown_url' }],
    [{ method: 'DELETE', path: CHAT }, { code: 'method_not_allowed' }],
  ])('is told where to go in place of %j', async (asked, error) => {
    const answer = await call(passage, asked);
    expect([404, 405]).toContain(answer.status);
    expect(answer.json).toMatchObject({ error: { type: 'invalid_request_error', ...error } });
    expect(scene.upstream.exchanges).toEqual([]);
  });

  it.each<[string, HttpCall, HttpCall & { readonly path: string }]>([
    [
      'a JSON body',
      { path: CHAT, body: BODY.replace('gpt-4o', 'alias') },
      { path: CHAT, body: BODY.replace('gpt-4o', 'the-real') },
    ],
    [
      'a path',
      { path: '/v1beta/models/alias:generateContent', body: PROMPT },
      { path: '/v1beta/models/the-real:generateContent', body: PROMPT },
    ],
  ])('has its model mapped in %s, and all else as it was', async (_, asked, wanted) => {
    const type = asked.path === CHAT ? 'openai' : 'gemini';
    const mapped = await scene.serve({ type, model_mapping: { alias: 'the-real' } });
    expect((await call(mapped, { method: 'POST', ...asked })).status).toBe(200);
    const [reached] = scene.upstream.exchanges;
    expect([reached?.target, reached?.requestBody.toString()]).toEqual([wanted.path, wanted.body]);
  });

  it('has its model mapped in a form, and all else as it was', async () => {
    const mapped = await scene.serve({ model_mapping: { alias: 'the-real' } });
    const form = (model: string): string =>
      ['--b', 'Content-Disposition: form-data; name="file"; filename="a"', '', '\0\r\n-b', '--b']
        .concat('Content-Disposition: form-data; name="model"', '', model, '--b--', '')
        .join('\r\n');
    const headers = { 'content-type': 'multipart/form-data; boundary=b' };
    const path = '/v1/audio/transcriptions';
    expect((await call(mapped, { method: 'POST', path, headers, body: form('alias') })).status).toBe(200);
    expect(scene.upstream.exchanges[0]?.requestBody.toString()).toBe(form('the-real'));
  });

  it.each([
    ['names none', '{"messages":[]}', '{"model":"gpt-4o","messages":[]}'],
    ['names another', '{"messages":[],"model":"forbidden"}', '{"messages":[],"model":"gpt-4o"}'],
  ])('asks for the model in an Azure path where the body %s, whatever the channel', async (_, body, sent) => {
    const basePaths = { openai: '', azure: '/openai/v1' };
    for (const [type, basePath] of Object.entries(basePaths)) {
      scene.upstream.forget();
      const one = await scene.serve({ type, baseUrl: scene.upstream.baseUrl + basePath });
      const path = `/openai/deployments/gpt-4o/chat/completions${AZURE}`;
      await call(one, { method: 'POST', path, body });
      expect(scene.upstream.exchanges[0]?.requestBody.toString()).toBe(sent);
    }
  });

  it('gives a form the model that stands in an Azure path', async () => {
    const file = ['--b', 'Content-Disposition: form-data; name="file"; filename="a"', '', 'x', '--b--', ''];
    const model = ['--b', 'Content-Disposition: form-data; name="model"', '', 'gpt-4o'];
    const headers = { 'content-type': 'multipart/form-data; boundary=b' };
    const path = `/openai/deployments/gpt-4o/audio/transcriptions${AZURE}`;
    expect((await call(passage, { method: 'POST', path, headers, body: file.join('\r\n') })).status).toBe(200);
    expect(scene.upstream.exchanges[0]?.requestBody.toString()).toBe([...model, ...file].join('\r\n'));
  });

  it.each(['a%0d%0ab', 'a%2f..%2fb'])('does not take %s for a model', async (model) => {
    const path = `/v1beta/models/${model}:generateContent`;
    expect((await call(passage, { method: 'POST', path, body: PROMPT })).status).toBe(400);
    expect(scene.upstream.exchanges).toEqual([]);
  });
});
