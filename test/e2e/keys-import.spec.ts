import type { AdminAnswer, ListedKey } from '../support/admin-client';
import { AppUnderTest } from '../support/app-under-test';
import { ChatClient } from '../support/chat-client';
import { runSql } from '../support/database-rows';
import { FakeUpstream } from '../support/fake-upstream';
import { callHttp } from '../support/http-call';
import { aKey, someKeys } from '../support/keys';

const IMPORT = '/api/channel/keys/import';
const MEBIBYTE = 2 ** 20;

interface Report {
  readonly imported_count: number;
  readonly batch_id: string;
  readonly problems: readonly { readonly line: number; readonly reason: string; readonly key: string }[];
}

describe('the import of keys', () => {
  let app: AppUnderTest;
  let upstream: FakeUpstream;

  beforeAll(async () => {
    [app, upstream] = await Promise.all([AppUnderTest.start(), FakeUpstream.start()]);
  });

  afterAll(async () => {
    await app.stop();
    await upstream.stop();
  });

  function aChannel(fields: object = {}): Promise<number> {
    return app.admin.createChannel({ baseUrl: upstream.baseUrl, is_multi_key: true, ...fields });
  }

  function load(channelId: number, keys: unknown, mode: unknown = 1): Promise<AdminAnswer<Report>> {
    return app.admin.post<Report>(IMPORT, { channel_id: channelId, keys, mode });
  }

  async function indices(channelId: number): Promise<[string, number][]> {
    return (await app.admin.listKeys(channelId)).map(({ key, index }) => [key, index]);
  }

  async function keyAt(channelId: number, index: number): Promise<ListedKey | undefined> {
    return (await app.admin.listKeys(channelId)).find((key) => key.index === index);
  }

  it('appends behind the keys that are there', async () => {
    const id = await aChannel({ keys: someKeys(2) });
    const answer = await load(id, someKeys(2, 2));
    expect(answer).toMatchObject({
      message: 'Successfully imported 2 keys',
      data: { total_keys: 4, removed_count: 0 },
    });
    expect((await indices(id)).map(([, index]) => index)).toEqual([0, 1, 2, 3]);
  });

  it('counts duplicates inside the list and with the pool, and takes each key once', async () => {
    const id = await aChannel({ keys: someKeys(2) });
    const answer = await load(id, [aKey(1), aKey(2), ` ${aKey(2)} `, '', '   ']);
    expect(answer.data).toMatchObject({ imported_count: 2, duplicate_count: 2, invalid_count: 0, total_keys: 3 });
    const again = await load(id, someKeys(3));
    expect(again).toMatchObject({ status: 200, data: { imported_count: 3, duplicate_count: 3, total_keys: 3 } });
  });

  it('overwrites: keeps, adds and removes, and starts again at index 0 in the order of the list', async () => {
    const id = await aChannel({ keys: someKeys(4) });
    const answer = await load(id, [aKey(3), aKey(9), aKey(0)], 0);
    expect(answer.data).toMatchObject({ imported_count: 3, kept_count: 2, removed_count: 2, total_keys: 3 });
    const masks = (await app.admin.listKeys(id)).map(({ index }) => index);
    expect(masks).toEqual([0, 1, 2]);
    await load(id, someKeys(1, 20));
    expect((await indices(id)).at(-1)?.[1]).toBe(3);
  });

  it('serves the keys of an overwrite in its order, and no other', async () => {
    upstream.reset();
    const id = await aChannel({ keys: someKeys(4), priority: 9 });
    const chat = new ChatClient(app.baseUrl, await app.admin.createToken({ channel_ids: [id] }));
    await chat.indicesOf(3);
    await load(id, [aKey(3), aKey(9), aKey(0)], 0);
    expect(await chat.indicesOf(4)).toEqual([0, 1, 2, 0]);
    expect(upstream.keysUsed().slice(3)).toEqual([aKey(3), aKey(9), aKey(0), aKey(3)]);
  });

  it('keeps row, usage and note of a key that an overwrite names, and revives it from state 3 but not from 2', async () => {
    const id = await aChannel({ keys: someKeys(3) });
    const before = await app.admin.listKeys(id);
    await app.admin.call('PATCH', '/api/channel/keys', { channel_id: id, key_index: 1, note: 'team A', balance: 2.5 });
    await app.admin.post('/api/channel/keys/toggle', { channel_id: id, key_index: 2, enabled: false });
    const off = `UPDATE channel_keys SET state = 'dead', status = 3, status_code = 'x', status_detail = 'y', status_http = 401,
                 until = now() + interval '1 hour', next_probe_at = now(), usage = 7 WHERE id = $1`;
    await runSql(app.databaseUrl, off, [before[1]?.key_id]);
    await load(id, [aKey(2), aKey(1)], 0);
    const [first, second] = await app.admin.listKeys(id);
    expect(first).toMatchObject({ key_id: before[2]?.key_id, index: 0, status: 2 });
    expect(second).toMatchObject({
      key_id: before[1]?.key_id,
      index: 1,
      status: 1,
      usage: 7,
      note: 'team A',
      balance: 2.5,
    });
    const cleared = {
      disabled_reason: null,
      disabled_code: null,
      http_status: null,
      cooling_until: null,
      next_probe_at: null,
    };
    expect(second).toMatchObject(cleared);
  });

  it('gives the index of a deleted key to no appended one', async () => {
    const id = await aChannel({ keys: someKeys(3) });
    await app.admin.post('/api/channel/keys/delete', { channel_id: id, key_indices: [1, 2] });
    await load(id, [aKey(2), aKey(7)]);
    expect((await indices(id)).map(([, index]) => index)).toEqual([0, 3, 4]);
    expect(await keyAt(id, 3)).toMatchObject({ usage: 0, note: '' });
  });

  it('names the line and masks the key of what it cannot use', async () => {
    const id = await aChannel();
    const bad = ['sk-shrt', 'sk-with a space inside of it all', `sk-${'x'.repeat(510)}`, 'sk-ключ-в-кириллице-000000'];
    const { data } = await load(id, [aKey(1), ...bad]);
    expect(data).toMatchObject({ imported_count: 1, invalid_count: 4, total_keys: 1 });
    expect(data.problems.map(({ line }) => line)).toEqual([2, 3, 4, 5]);
    for (const key of bad) expect(JSON.stringify(data)).not.toContain(key);
    expect(data.problems.map(({ key }) => key).slice(0, 2)).toEqual(['***rt', 'sk-with...?all']);
  });

  it('strips byte order marks, quotes, commas and Bearer from around a key', async () => {
    const id = await aChannel();
    const key = aKey(1);
    const forms = [`\uFEFF${key}`, `"${key}"`, `'${key}',`, `Bearer ${key}`, `bearer  "${key}"`, `\t${key}\r\n`, key];
    expect((await load(id, forms)).data).toMatchObject({ imported_count: 1, duplicate_count: 6, invalid_count: 0 });
    expect((await app.admin.listKeys(id)).map((listed) => listed.key)).toEqual([
      `${key.slice(0, 7)}...${key.slice(-4)}`,
    ]);
  });

  it('takes keys of 8 and of 512 characters, and shows short ones by two', async () => {
    const id = await aChannel();
    expect((await load(id, ['12345678', 'x'.repeat(512), '1234567', 'x'.repeat(513)])).data).toMatchObject({
      imported_count: 2,
      invalid_count: 2,
    });
    expect((await indices(id))[0]).toEqual(['***78', 0]);
  });

  it.each([0, 1])('refuses a list without a usable key (mode %i) and leaves the pool as it was', async (mode) => {
    const id = await aChannel({ keys: someKeys(2) });
    for (const keys of [[], ['', '  '], ['short']]) {
      expect(await load(id, keys, mode)).toMatchObject({ status: 400, code: 'NO_VALID_KEYS' });
    }
    expect(await app.admin.listKeys(id)).toHaveLength(2);
  });

  it.each([
    ['mode', { mode: undefined }],
    ['mode', { mode: 2 }],
    ['mode', { mode: '1' }],
    ['mode', { mode: null }],
    ['keys', { keys: aKey(1) }],
    ['keys', { keys: [1] }],
    ['keys', { keys: undefined }],
    ['channel_id', { channel_id: undefined }],
    ['channel_id', { channel_id: 0 }],
    ['channel_id', { channel_id: 1.5 }],
    ['channel_id', { channel_id: 1e30 }],
    ['color', { color: 'red' }],
  ])('refuses the field %s of %j', async (field, fields) => {
    const id = await aChannel();
    const answer = await app.admin.post(IMPORT, { channel_id: id, keys: someKeys(1), mode: 1, ...fields });
    expect(answer).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
    expect(answer.errors?.map((fault) => fault.field)).toContain(field);
    expect(JSON.stringify(answer)).not.toContain(aKey(0));
  });

  it('refuses a channel that is not there', async () => {
    expect(await load(999_999, someKeys(1))).toMatchObject({ status: 404, code: 'CHANNEL_NOT_FOUND' });
  });

  it('refuses a second key of a single-key channel and names the call that fixes it', async () => {
    const id = await aChannel({ is_multi_key: false });
    expect(await load(id, someKeys(2), 0)).toMatchObject({ status: 409, code: 'CHANNEL_NOT_MULTI_KEY' });
    expect(await load(id, someKeys(1), 0)).toMatchObject({ status: 200 });
    const refused = await load(id, someKeys(1, 1));
    expect(refused).toMatchObject({ status: 409, code: 'CHANNEL_NOT_MULTI_KEY' });
    expect(refused.message).toContain(`PUT /api/channel/multi-key/settings {"channel_id": ${id}`);
    expect(await load(id, someKeys(1, 1), 0)).toMatchObject({ status: 200, data: { total_keys: 1 } });
  });

  it('gives the imports of one second batch ids of their own, and lists them newest first', async () => {
    const id = await aChannel();
    const made: string[] = [];
    for (let i = 0; i < 12; i++) made.push((await load(id, [aKey(i)])).data.batch_id);
    expect(new Set(made).size).toBe(12);
    for (const batch of made) expect(batch).toMatch(/^batch_\d{10}(_\d+)?$/);
    const listed = await app.admin.get<{ items: { batch_id: string; imported_count: number }[] }>(
      `/api/channel/${id}/keys/batches`,
    );
    expect(listed.data.items.map(({ batch_id }) => batch_id)).toEqual([...made].reverse());
    expect(listed.data.items.every(({ imported_count }) => imported_count === 1)).toBe(true);
  });

  it('takes 20,000 keys at once, replaces them, and serves with the last one', async () => {
    const id = await aChannel({ priority: 10 });
    expect((await load(id, someKeys(20_000), 0)).data).toMatchObject({ imported_count: 20_000 });
    const replaced = await load(id, someKeys(20_000, 10_000).reverse(), 0);
    expect(replaced.data).toMatchObject({ imported_count: 20_000, kept_count: 10_000, removed_count: 10_000 });
    const details = await app.admin.get(`/api/channel/${id}/keys/details`);
    expect(details.data).toMatchObject({ total_keys: 20_000, truncated: true });
    expect(details.data['keys']).toHaveLength(10_000);
    const everyBut = Array.from({ length: 19_999 }, (_, index) => index);
    await app.admin.post('/api/channel/keys/batch-toggle', { channel_id: id, key_indices: everyBut, enabled: false });
    upstream.reset();
    const chat = new ChatClient(app.baseUrl, await app.admin.createToken({ channel_ids: [id] }));
    expect(await chat.ask()).toMatchObject({ status: 200, keyIndex: 19_999 });
    expect(upstream.keysUsed()).toEqual([aKey(10_000)]);
  });

  it('takes a body of more than 1 MiB on this call alone, and of 33 MiB on none', async () => {
    const id = await aChannel();
    const [key] = someKeys(1);
    const padded = { channel_id: id, keys: [key, ' '.repeat(2 * MEBIBYTE)], mode: 1 };
    expect(await app.admin.post(IMPORT, padded)).toMatchObject({ status: 200, data: { imported_count: 1 } });
    const tooLarge = { status: 413, code: 'REQUEST_TOO_LARGE', success: false, data: null };
    expect(await app.admin.post('/api/token', { name: 'x'.repeat(2 * MEBIBYTE) })).toMatchObject(tooLarge);
    expect(await app.admin.post(IMPORT, { ...padded, keys: [' '.repeat(33 * MEBIBYTE)] })).toMatchObject(tooLarge);
  });

  it.each(['{"channel_id": 1, "keys": ["sk-canary', 'sk-canary', '{"keys": [sk-canary]}'])(
    'answers malformed JSON (%s) without a word of the parser or the body',
    async (body) => {
      const headers = { authorization: `Bearer ${app.adminToken}` };
      const answer = await callHttp(app.baseUrl, { method: 'POST', path: IMPORT, headers, body });
      expect(answer).toMatchObject({ status: 400, json: { success: false, code: 'BAD_REQUEST', data: null } });
      expect(answer.text).not.toMatch(/canary|token|position|Unexpected|Expected/i);
    },
  );
});
