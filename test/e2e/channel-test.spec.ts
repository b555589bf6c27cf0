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
    expect(data.latency_ms).toBeGreaterThanOrEqual(0);
    expect(upstream.ledger.map(({ method, path, key }) => [method, path, key])).toEqual([
      ['GET', '/v1/models', aKey(0)],
    ]);
  });

  it('sends a chat call of one token when a model is named, with the key that is named', async () => {
    const { data } = await test({ model: 'gpt-4o', key_index: 2 });
    expect(data).toMatchObject({ key_index: 2, ok: true, http_status: 200 });
    expect(JSON.parse(upstream.ledger[0]?.body.toString() ?? '')).toMatchObject({ model: 'gpt-4o', max_tokens: 1 });
  });

  it('tells what a dead key answers, without showing it, and changes nothing', async () => {
    upstream.killKey(aKey(1));
    const answer = await test({ key_index: 1 });
    expect(answer.data).toMatchObject({ key_index: 1, ok: false, http_status: 401, problem: null });
    expect(JSON.stringify(answer.data)).not.toContain(aKey(1));
    expect((await app.admin.listKeys(channel)).map(({ status }) => status)).toEqual([1, 1, 1]);
  });

  it('follows no redirect', async () => {
    upstream.answer(replies.redirect(`${upstream.baseUrl}/v1/models`));
    expect((await test({})).data).toMatchObject({ ok: false, http_status: 302 });
    expect(upstream.ledger).toHaveLength(1);
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
