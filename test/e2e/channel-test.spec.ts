import { AppUnderTest } from '../support/app-under-test';
import { FakeUpstream } from '../support/fake-upstream';
import { replies } from '../support/fake-upstream-replies';
import { aKey, someKeys } from '../support/keys';

interface Tested {
  readonly key_index: number;
  readonly key: string;
  readonly ok: boolean;
  readonly http_status: number | null;
  readonly latency_ms: number;
  readonly problem: string | null;
  readonly verdict: string | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly would_become: string | null;
  readonly applied: boolean;
}

describe('the channel test', () => {
  let app: AppUnderTest;
  let upstream: FakeUpstream;
  let channel: number;

  beforeAll(async () => {
    [app, upstream] = await Promise.all([AppUnderTest.start(), FakeUpstream.start()]);
    channel = await app.admin.createChannel({ baseUrl: `${upstream.baseUrl}/v1`, keys: someKeys(3) });
  });

  beforeEach(() => {
    upstream.reset();
  });

  afterAll(async () => {
    await app.stop();
    await upstream.stop();
  });

  const test = (body: object, id = channel) => app.admin.post<Tested>(`/api/channel/${id}/test`, body);

  it('lists the models with the first enabled key, at no cost', async () => {
    const { data } = await test({});
    expect(data).toMatchObject({ key_index: 0, ok: true, http_status: 200, problem: null });
    expect(data).toMatchObject({ verdict: null, code: null, message: null, would_become: null, applied: false });
    expect(data.latency_ms).toBeGreaterThanOrEqual(0);
    expect(upstream.probes.map(({ method, path, key }) => [method, path, key])).toEqual([
      ['GET', '/v1/models', aKey(0)],
    ]);
  });

  it('sends a chat call of one token when a model is named, with the key that is named', async () => {
    const { data } = await test({ model: 'gpt-4o', key_index: 2 });
    expect(data).toMatchObject({ key_index: 2, ok: true, http_status: 200 });
    expect(JSON.parse(upstream.probes[0]?.body.toString() ?? '')).toMatchObject({ model: 'gpt-4o', max_tokens: 1 });
  });

  it('tells what a dead key answers, without showing it, and changes nothing', async () => {
    upstream.killKey(aKey(1));
    const answer = await test({ key_index: 1 });
    expect(answer.data).toMatchObject({ key_index: 1, ok: false, http_status: 401, problem: null });
    expect(answer.data).toMatchObject({ verdict: 'KEY_DEAD', code: 'invalid_api_key', would_become: 'dead' });
    expect(answer.data.message).toMatch(/^Incorrect API key provided/);
    expect(JSON.stringify(answer.data)).not.toContain(aKey(1));
    expect((await app.admin.listKeys(channel)).map(({ status }) => status)).toEqual([1, 1, 1]);
  });

  it('lets the answer count when told to, for the worse and for the better', async () => {
    const id = await app.admin.createChannel({ baseUrl: upstream.baseUrl, keys: someKeys(2) });
    upstream.killKey(aKey(1));
    expect((await test({ key_index: 1, apply: true }, id)).data).toMatchObject({ would_become: 'dead', applied: true });
    expect((await app.admin.listKeys(id))[1]).toMatchObject({ status: 3, disabled_code: 'invalid_api_key' });
    upstream.reviveKey(aKey(1));
    expect((await test({ key_index: 1 }, id)).data).toMatchObject({ would_become: 'active', applied: false });
    expect((await app.admin.listKeys(id))[1]?.status).toBe(3);
    expect((await test({ key_index: 1, apply: true }, id)).data).toMatchObject({ applied: true });
    expect((await app.admin.listKeys(id))[1]).toMatchObject({ status: 1, disabled_code: null });
  });

  it('never switches on a key that was switched off by hand', async () => {
    const id = await app.admin.createChannel({ baseUrl: upstream.baseUrl, keys: someKeys(1) });
    await app.admin.post('/api/channel/keys/toggle', { channel_id: id, key_index: 0, enabled: false });
    const { data } = await test({ key_index: 0, apply: true }, id);
    expect(data).toMatchObject({ ok: true, would_become: null, applied: false });
    expect((await app.admin.listKeys(id))[0]?.status).toBe(2);
  });

  it('tells what is wrong with a model, and holds it against no key', async () => {
    upstream.answer(replies.status(404, { message: 'The model does not exist' }));
    const { data } = await test({ model: 'gpt-9', key_index: 0 });
    expect(data).toMatchObject({ ok: false, http_status: 404, verdict: 'KEY_MODEL', code: 'model_not_found' });
    expect(data).toMatchObject({ message: 'The model does not exist', would_become: null });
  });

  it('shows no key that an answer quotes', async () => {
    upstream.answer(replies.status(401, { message: `No: ${aKey(0)}, nor ${aKey(1)}` }));
    expect((await test({ key_index: 0 })).data.message).toBe('No: sk-test...abcd, nor sk-test...abcd');
  });

  it('follows no redirect', async () => {
    upstream.answer(replies.redirect(`${upstream.baseUrl}/v1/models`));
    expect((await test({})).data).toMatchObject({ ok: false, http_status: 302 });
    expect(upstream.probes).toHaveLength(1);
  });

  it('says why no answer came', async () => {
    upstream.answer(replies.reset());
    expect((await test({})).data).toMatchObject({ ok: false, http_status: null, problem: 'No answer: ECONNRESET' });
    const nowhere = await app.admin.createChannel({ baseUrl: 'http://127.0.0.1:1', keys: someKeys(1) });
    expect((await test({}, nowhere)).data).toMatchObject({ ok: false, problem: 'No answer: ECONNREFUSED' });
  });

  it('refuses an unknown channel, key or field', async () => {
    expect(await test({}, 999)).toMatchObject({ status: 404, code: 'CHANNEL_NOT_FOUND' });
    expect(await test({ key_index: 9 })).toMatchObject({ status: 404, code: 'KEY_NOT_FOUND' });
    expect(await test({ base_url: 'http://127.0.0.1' })).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
  });
});
