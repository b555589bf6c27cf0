import { RelayScene, type SceneChannel } from '../support/relay-scene';

const JSON_TYPE = { 'content-type': 'application/json' };
const EVENTS_TYPE = { 'content-type': 'text/event-stream; charset=utf-8' };

function error(fields: object): string {
  return JSON.stringify({ error: fields });
}

describe('POST /api/channel/{id}/classify', () => {
  let scene: RelayScene;

  beforeAll(async () => {
    scene = await RelayScene.start();
  });

  afterAll(async () => {
    await scene.stop();
  });

  async function classify(answer: object, channel: SceneChannel = {}): Promise<Record<string, unknown>> {
    const { channelIds } = await scene.serve(channel);
    const { data } = await scene.app.admin.post(`/api/channel/${channelIds[0]}/classify`, answer);
    return data;
  }

  it('says how long a rate limited key would rest, and for what', async () => {
    const body = error({ message: 'Rate limit reached', type: 'requests', code: 'rate_limit_exceeded' });
    const classified = await classify({ status: 429, headers: { ...JSON_TYPE, 'Retry-After': '20' }, body });
    expect(classified).toMatchObject({
      verdict: 'KEY_RATE',
      code: 'rate_limit_exceeded',
      message: 'Rate limit reached',
      effect: { state: 'cooling', for_one_model: true, rests_ms: 20_000, blames_channel: false },
    });
  });

  it("leaves the key alone for a caller's mistake, whatever the caller wrote", async () => {
    const body = error({ message: 'you wrote: invalid_api_key', type: 'invalid_request_error', code: null });
    expect(await classify({ status: 400, headers: JSON_TYPE, body })).toMatchObject({
      verdict: 'REQUEST',
      effect: { state: null, rests_ms: null, blames_channel: false },
    });
  });

  it('goes by the provider of the channel', async () => {
    const body = error({
      code: 400,
      message: 'API key not valid',
      status: 'INVALID_ARGUMENT',
      details: [{ reason: 'API_KEY_INVALID' }],
    });
    const answer = { status: 400, headers: JSON_TYPE, body };
    expect(await classify(answer, { type: 'gemini' })).toMatchObject({
      verdict: 'KEY_DEAD',
      effect: { state: 'suspect' },
    });
    expect(await classify(answer, { type: 'openai' })).toMatchObject({ verdict: 'REQUEST' });
  });

  it("goes by the channel's own overrides first", async () => {
    const settings = {
      verdict_overrides: [{ status: 403, code: 'plan_over', verdict: 'KEY_EXHAUSTED', cool_seconds: 600 }],
    };
    const answer = {
      status: 403,
      headers: JSON_TYPE,
      body: error({ code: 'plan_over', message: 'Your plan is over' }),
    };
    expect(await classify(answer, { settings })).toMatchObject({
      verdict: 'KEY_EXHAUSTED',
      rule: 'override/1',
      effect: { state: 'exhausted', rests_ms: 600_000 },
    });
  });

  it('says that an answer counts against the channel', async () => {
    expect(await classify({ status: 502 })).toMatchObject({
      verdict: 'CHANNEL',
      effect: { state: null, blames_channel: true },
    });
  });

  it('says how long a key would be kept from a model that it may not use', async () => {
    const body = error({ code: 'model_not_found', message: 'The model does not exist' });
    const answer = { status: 404, headers: JSON_TYPE, body };
    const effect = { state: null, for_one_model: true, rests_ms: 600_000, blames_channel: false };
    expect(await classify(answer)).toMatchObject({ verdict: 'KEY_MODEL', effect });
    const settings = { verdict_overrides: [{ status: 404, verdict: 'KEY_MODEL', cool_seconds: 60 }] };
    expect(await classify(answer, { settings })).toMatchObject({ effect: { ...effect, rests_ms: 60_000 } });
  });

  it.each([
    ['a completion', JSON_TYPE, '{"id":"1","choices":[]}'],
    ['a completion with an error that is none', JSON_TYPE, '{"error":null,"choices":[]}'],
    ['a stream', EVENTS_TYPE, 'data: {"id":"1"}\n\ndata: {"error":{}}\n\n'],
    ['nothing', {}, ''],
  ])('finds no fault with %s', async (_, headers, body) => {
    expect(await classify({ status: 200, headers, body })).toEqual({
      verdict: null,
      rule: null,
      code: null,
      message: null,
      effect: { state: null, for_one_model: false, rests_ms: null, model_closed_ms: null, blames_channel: false },
    });
  });

  it('takes a page for no answer, whatever its status', async () => {
    const page = { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' };
    expect(await classify(page)).toMatchObject({ verdict: 'CHANNEL', effect: { blames_channel: true } });
  });

  it.each([
    ['in the place of an answer', JSON_TYPE, (text: string) => text],
    ['as the first event of a stream', EVENTS_TYPE, (text: string) => `: hello\n\ndata: ${text}\n\ndata: [DONE]\n\n`],
  ])('judges an error %s as traffic does', async (_, headers, wrap) => {
    const body = wrap(error({ message: 'Rate limit reached', type: 'requests', code: 'rate_limit_exceeded' }));
    expect(await classify({ status: 200, headers, body })).toMatchObject({
      verdict: 'KEY_RATE',
      code: 'rate_limit_exceeded',
      effect: { state: 'cooling', for_one_model: true },
    });
  });

  it('says that nothing would happen where a channel does not let answers take keys out', async () => {
    const body = error({ code: 'invalid_api_key', message: 'Incorrect API key provided' });
    const classified = await classify({ status: 401, headers: JSON_TYPE, body }, { settings: { auto_disable: false } });
    expect(classified).toMatchObject({ verdict: 'KEY_DEAD', effect: { state: null } });
  });

  it.each([
    ['a status that is none', { status: 20 }],
    ['headers that are no texts', { status: 429, headers: { 'retry-after': 20 } }],
    ['a field it does not know', { status: 429, code: 'x' }],
  ])('refuses %s', async (_, answer) => {
    const { channelIds } = await scene.serve({});
    const refused = await scene.app.admin.post(`/api/channel/${channelIds[0]}/classify`, answer);
    expect(refused).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
  });

  it('refuses a channel that is not there', async () => {
    expect(await scene.app.admin.post('/api/channel/999/classify', { status: 401 })).toMatchObject({ status: 404 });
  });
});

describe('the settings of a channel', () => {
  let scene: RelayScene;

  beforeAll(async () => {
    scene = await RelayScene.start();
  });

  afterAll(async () => {
    await scene.stop();
  });

  it.each([
    [{ auto_probe: 'no' }, 'settings.auto_probe'],
    [{ probe_dead_ms: 1 }, 'settings.probe_dead_ms'],
    [{ surprise: true }, 'settings.surprise'],
    [{ verdict_overrides: [[]] }, 'settings.verdict_overrides'],
    [{ verdict_overrides: [[{ status: 401, verdict: 'REQUEST' }]] }, 'settings.verdict_overrides'],
    [{ verdict_overrides: [null] }, 'settings.verdict_overrides'],
    [[], 'settings'],
    [[[]], 'settings'],
    ...['REQUEST', 'CHANNEL', 'HOST', 'KEY_DEAD', 'AMBIGUOUS'].map((verdict): [object, string] => [
      { verdict_overrides: [{ status: 418, verdict, cool_seconds: 60 }] },
      'settings.verdict_overrides.0.cool_seconds',
    ]),
    [{ verdict_overrides: [{ status: 401, verdict: 'KILL' }] }, 'settings.verdict_overrides.0.verdict'],
    [{ verdict_overrides: [{ status: 401, verdict: 'REQUEST', why: 1 }] }, 'settings.verdict_overrides.0.why'],
  ])('refuse %j and name the field', async (settings, field) => {
    const body = { name: 'a channel', base_url: scene.upstream.baseUrl, settings };
    const refused = await scene.app.admin.post('/api/channel', body);
    expect(refused).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
    expect(refused.errors?.map((fault) => fault.field)).toContain(field);
  });

  it('say what is wrong with a rest for a verdict that knows none', async () => {
    const settings = { verdict_overrides: [{ status: 418, verdict: 'CHANNEL', cool_seconds: 60 }] };
    const body = { name: 'a channel', base_url: scene.upstream.baseUrl, settings };
    const { errors } = await scene.app.admin.post('/api/channel', body);
    const message =
      'cool_seconds goes with the verdicts KEY_RATE, KEY_EXHAUSTED, KEY_MODEL only: no key rests for others';
    expect(errors).toEqual([{ field: 'settings.verdict_overrides.0.cool_seconds', message }]);
  });

  it.each(['KEY_RATE', 'KEY_EXHAUSTED', 'KEY_MODEL'])('take a time to rest for %s', async (verdict) => {
    const settings = { verdict_overrides: [{ status: 418, verdict, cool_seconds: 60 }] };
    const { channelIds } = await scene.serve({ settings });
    expect((await scene.app.admin.get(`/api/channel/${channelIds[0]}`)).data).toMatchObject({ settings });
  });

  it('are shown as they were sent, and replaced as a whole', async () => {
    const settings = { test_model: 'gpt-4o-mini', probe_suspect_ms: 100 };
    const { channelIds } = await scene.serve({ settings });
    const path = `/api/channel/${channelIds[0]}`;
    expect((await scene.app.admin.get(path)).data).toMatchObject({
      settings,
      breaker: { state: 'closed', reason: null },
    });
    await scene.app.admin.call('PUT', path, { settings: { auto_probe: false } });
    expect((await scene.app.admin.get(path)).data['settings']).toEqual({ auto_probe: false });
  });
});
