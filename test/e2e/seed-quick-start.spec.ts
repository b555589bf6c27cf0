import type { AdminAnswer, ListedKey } from '../support/admin-client';
import { AppUnderTest } from '../support/app-under-test';
import { ChatClient } from '../support/chat-client';
import { FakeUpstream } from '../support/fake-upstream';

const FIRST_KEYS = [
  'sk-1234567890abcdef1234567890abcdef',
  'sk-abcdef1234567890abcdef1234567890',
  'sk-9876543210fedcba9876543210fedcba',
  'sk-fedcba0987654321fedcba0987654321',
  'sk-1111222233334444555566667777888',
];
const MASKS = ['sk-1234...cdef', 'sk-abcd...7890', 'sk-9876...dcba', 'sk-fedc...4321', 'sk-1111...7888'];
const NEW_KEYS = ['sk-newkey1111222233334444555566667', 'sk-newkey2222333344445555666677778'];
const REPLACEMENT = 'sk-replacement-key-here';

const SETTINGS = '/api/channel/multi-key/settings';
const IMPORT = '/api/channel/keys/import';

type Stats = Record<'total_keys' | 'enabled_keys' | 'disabled_keys' | 'selection_mode', number>;

// The steps share one channel and build on each other, as the page does.
describe('the quick start', () => {
  let app: AppUnderTest;
  let upstream: FakeUpstream;
  let channelId: number;
  let chat: ChatClient;

  beforeAll(async () => {
    [app, upstream] = await Promise.all([AppUnderTest.start(), FakeUpstream.start()]);
    channelId = await app.admin.createChannel({ baseUrl: upstream.baseUrl, name: 'GPT-4聚合渠道' });
    chat = new ChatClient(app.baseUrl, await app.admin.createToken());
  });

  afterAll(async () => {
    await app.stop();
    await upstream.stop();
  });

  function send(method: string, path: string, body: object): Promise<AdminAnswer> {
    return app.admin.call(method, path, { channel_id: channelId, ...body });
  }

  function stats(): Promise<AdminAnswer<Stats>> {
    return app.admin.get<Stats>(`/api/channel/${channelId}/keys/stats`);
  }

  /** The statuses of all keys, in the order of index. */
  async function statuses(): Promise<number[]> {
    return (await app.admin.listKeys(channelId)).map((key) => key.status);
  }

  it('has its first channel under the id 1', () => {
    expect(channelId).toBe(1);
  });

  it('switches multi-key on (step 1)', async () => {
    const answer = await send('PUT', SETTINGS, { is_multi_key: true, key_selection_mode: 0 });
    expect(answer).toMatchObject({
      status: 200,
      success: true,
      message: 'Channel settings updated successfully',
      data: { is_multi_key: true, key_selection_mode: 0 },
    });
  });

  it('imports five keys (step 2)', async () => {
    const answer = await send('POST', IMPORT, { keys: FIRST_KEYS, mode: 0 });
    expect(answer).toMatchObject({ status: 200, success: true, message: 'Successfully imported 5 keys' });
    expect(answer.data).toEqual({
      imported_count: 5,
      mode: 0,
      batch_id: expect.stringMatching(/^batch_\d{10}$/) as string,
      duplicate_count: 0,
      invalid_count: 0,
      kept_count: 0,
      removed_count: 0,
      total_keys: 5,
      problems: [],
    });
  });

  it('shows the five keys, fresh and masked (step 3)', async () => {
    const answer = await app.admin.get<{ keys: ListedKey[] }>('/api/channel/1/keys/details');
    expect(answer).toMatchObject({ status: 200, success: true, message: '' });
    expect(answer.data).toMatchObject({
      channel_id: 1,
      channel_name: 'GPT-4聚合渠道',
      is_multi_key: true,
      selection_mode: 0,
      total_keys: 5,
    });
    expect(answer.data.keys.map((key) => key.key)).toEqual(MASKS);
    for (const [index, key] of answer.data.keys.entries()) {
      expect(key).toMatchObject({
        index,
        status: 1,
        status_text: '已启用',
        balance: 0,
        usage: 0,
        last_used: 0,
        note: '',
      });
      expect(key.import_batch).toMatch(/^batch_\d{10}$/);
    }
  });

  it('serves the first request with key 0 and the second with key 1 (step 4)', async () => {
    const answers = [await chat.ask('Hello!'), await chat.ask('How are you?')];
    expect(answers.map(({ status, keyIndex }) => [status, keyIndex])).toEqual([
      [200, 0],
      [200, 1],
    ]);
    expect(upstream.keysUsed()).toEqual(FIRST_KEYS.slice(0, 2));
  });

  it('disables key 2, which then serves no request (step 5)', async () => {
    const answer = await send('POST', '/api/channel/keys/toggle', { key_index: 2, enabled: false });
    expect(answer).toMatchObject({ status: 200, success: true, message: 'Key disabled successfully' });
    expect(await chat.indicesOf(8)).toEqual([3, 4, 0, 1, 3, 4, 0, 1]);
  });

  it('counts four enabled keys of five (step 6)', async () => {
    const answer = await stats();
    expect(answer).toMatchObject({ status: 200, success: true, message: '' });
    expect(answer.data).toMatchObject({
      total_keys: 5,
      enabled_keys: 4,
      disabled_keys: 1,
      is_multi_key: true,
      selection_mode: 0,
    });
  });

  it('appends two keys under the next indices (step 7)', async () => {
    const answer = await send('POST', IMPORT, { keys: NEW_KEYS, mode: 1 });
    expect(answer).toMatchObject({ message: 'Successfully imported 2 keys', data: { imported_count: 2, mode: 1 } });
    const keys = await app.admin.listKeys(channelId);
    expect(keys.map((key) => key.index)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(keys.slice(5).map((key) => key.key)).toEqual(['sk-newk...6667', 'sk-newk...7778']);
  });

  it('disables three keys at once (step 8)', async () => {
    const answer = await send('POST', '/api/channel/keys/batch-toggle', { key_indices: [3, 4, 5], enabled: false });
    expect(answer).toMatchObject({ status: 200, message: 'Successfully disabled 3 keys' });
    expect(answer.data).toEqual({ requested: 3, affected: 3, unchanged: 0, not_found: [] });
    expect(await statuses()).toEqual([1, 1, 2, 2, 2, 2, 1]);
  });

  it('enables the keys of the first batch, and those alone (step 8)', async () => {
    const [first] = await app.admin.listKeys(channelId);
    const batch = first?.import_batch ?? '';
    const answer = await send('POST', '/api/channel/keys/batch-toggle-by-batch', { batch_id: batch, enabled: true });
    expect(answer).toMatchObject({ status: 200, message: `Successfully enabled keys in batch ${batch}` });
    expect(answer.data).toEqual({ batch_id: batch, affected: 3, unchanged: 2 });
    expect(await statuses()).toEqual([1, 1, 1, 1, 1, 2, 1]);
  });

  it('polls every enabled key evenly (scenario 1)', async () => {
    await send('PUT', SETTINGS, { is_multi_key: true, key_selection_mode: 0 });
    const indices = await chat.indicesOf(12);
    const lap = indices.slice(0, 6);
    expect([...lap].sort()).toEqual([0, 1, 2, 3, 4, 6]);
    expect(indices.slice(6)).toEqual(lap);
  });

  it('draws among the enabled keys (scenario 2)', async () => {
    const answer = await send('PUT', SETTINGS, { is_multi_key: true, key_selection_mode: 1 });
    expect(answer.data).toEqual({ is_multi_key: true, key_selection_mode: 1 });
    expect((await stats()).data.selection_mode).toBe(1);
    // The chance that one of six keys is missed in 150 draws is below 1e-11.
    expect([...new Set(await chat.indicesOf(150))].sort()).toEqual([0, 1, 2, 3, 4, 6]);
  });

  it('replaces a failing key (scenario 3)', async () => {
    const disabled = await send('POST', '/api/channel/keys/toggle', { key_index: 0, enabled: false });
    expect(disabled.message).toBe('Key disabled successfully');
    const imported = await send('POST', IMPORT, { keys: [REPLACEMENT], mode: 1 });
    expect(imported.message).toBe('Successfully imported 1 keys');
    const keys = await app.admin.listKeys(channelId);
    expect(keys.at(-1)).toMatchObject({ index: 7, key: 'sk-repl...here', status: 1 });
    expect([...new Set(await chat.indicesOf(150))].sort()).toEqual([1, 2, 3, 4, 6, 7]);
  });

  it('gives the monitoring script the numbers it reads', async () => {
    const { status, data } = await stats();
    expect(status).toBe(200);
    expect(data).toMatchObject({ total_keys: 8, enabled_keys: 6, disabled_keys: 2 });
    expect(data.enabled_keys + data.disabled_keys).toBe(data.total_keys);
  });

  it('warns the monitoring script once less than half of the keys are enabled', async () => {
    await send('POST', '/api/channel/keys/batch-toggle', { key_indices: [0, 1, 2, 3, 4], enabled: false });
    const { data } = await stats();
    expect(data.enabled_keys).toBeLessThan(data.total_keys * 0.5);
  });

  it('answers the monitoring script with an error text for a channel that is gone', async () => {
    const answer = await app.admin.get('/api/channel/2/keys/stats');
    expect(answer).toMatchObject({ status: 404, success: false, code: 'CHANNEL_NOT_FOUND' });
  });
});
