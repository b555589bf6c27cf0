import type { AdminAnswer, ListedKey } from '../support/admin-client';
import { AppUnderTest } from '../support/app-under-test';
import { ChatClient } from '../support/chat-client';
import { runSql } from '../support/database-rows';
import { FakeUpstream } from '../support/fake-upstream';
import { aKey, someKeys } from '../support/keys';

const KEYS = '/api/channel/keys';
const GONE = { status: 404, success: false, code: 'KEY_NOT_FOUND', data: null };

interface Details {
  readonly total_keys: number;
  readonly total: number;
  readonly keys: readonly ListedKey[];
}

describe('the keys of a channel', () => {
  let app: AppUnderTest;
  let upstream: FakeUpstream;
  let id: number;

  beforeAll(async () => {
    [app, upstream] = await Promise.all([AppUnderTest.start(), FakeUpstream.start()]);
  });

  afterAll(async () => {
    await app.stop();
    await upstream.stop();
  });

  beforeEach(async () => {
    id = await app.admin.createChannel({ baseUrl: upstream.baseUrl, keys: someKeys(5) });
  });

  function post(action: string, body: object): Promise<AdminAnswer> {
    return app.admin.post(`${KEYS}/${action}`, { channel_id: id, ...body });
  }

  function patch(body: object): Promise<AdminAnswer> {
    return app.admin.call('PATCH', KEYS, { channel_id: id, key_index: 0, ...body });
  }

  async function listed(query = ''): Promise<Details> {
    return (await app.admin.get<Details>(`/api/channel/${id}/keys/details${query}`)).data;
  }

  async function statuses(): Promise<number[]> {
    return (await listed()).keys.map((key) => key.status);
  }

  function indicesOf({ keys }: Details): number[] {
    return keys.map((key) => key.index);
  }

  /** As if the key had failed. */
  async function disableAutomatically(...indices: number[]): Promise<void> {
    await runSql(
      app.databaseUrl,
      `UPDATE channel_keys SET state = 'dead', status = 3, status_code = 'invalid_api_key', status_detail = 'refused', status_http = 401
       WHERE channel_id = $1 AND position = ANY($2::int[]) AND deleted_at IS NULL`,
      [id, indices],
    );
  }

  it('are switched one by one, by index or by id', async () => {
    const [, , third] = (await listed()).keys;
    const off = await post('toggle', { key_index: 1, enabled: false });
    expect(off).toMatchObject({
      status: 200,
      message: 'Key disabled successfully',
      data: { affected: 1, unchanged: 0 },
    });
    await post('toggle', { key_id: third?.key_id, enabled: false });
    expect(await statuses()).toEqual([1, 2, 2, 1, 1]);
    const again = await post('toggle', { key_index: 1, enabled: false });
    expect(again).toMatchObject({ status: 200, data: { affected: 0, unchanged: 1 } });
    const on = await post('toggle', { key_id: third?.key_id, enabled: true });
    expect(on).toMatchObject({ status: 200, message: 'Key enabled successfully' });
    expect(await statuses()).toEqual([1, 2, 1, 1, 1]);
  });

  it('lose reason and code when they are enabled by hand', async () => {
    await disableAutomatically(1);
    expect((await listed()).keys[1]).toMatchObject({
      status: 3,
      status_text: '自动禁用',
      disabled_code: 'invalid_api_key',
      http_status: 401,
    });
    await post('toggle', { key_index: 1, enabled: true });
    expect((await listed()).keys[1]).toMatchObject({
      status: 1,
      status_text: '已启用',
      disabled_reason: null,
      disabled_code: null,
      disabled_at: null,
      http_status: null,
    });
  });

  it.each([
    ['key_index and key_id missing', { enabled: true }, 'key_index'],
    ['key_index and key_id both given', { key_index: 0, key_id: 1, enabled: true }, 'key_index'],
    ['enabled missing', { key_index: 0 }, 'enabled'],
    ['enabled a text', { key_index: 0, enabled: 'true' }, 'enabled'],
    ['enabled null', { key_index: 0, enabled: null }, 'enabled'],
    ['an index below 0', { key_index: -1, enabled: true }, 'key_index'],
    ['an index with a fraction', { key_index: 0.5, enabled: true }, 'key_index'],
    ['an index beyond 32 bits', { key_index: 2 ** 31, enabled: true }, 'key_index'],
    ['a null index', { key_index: null, enabled: true }, 'key_index'],
    ['an id beyond 53 bits', { key_id: 1e30, enabled: true }, 'key_id'],
    ['an unknown field', { key_index: 0, enabled: true, keyIndex: 0 }, 'keyIndex'],
  ])('are not switched by a call with %s', async (_what, body, field) => {
    const answer = await post('toggle', body);
    expect(answer).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
    expect(answer.errors?.map((fault) => fault.field)).toContain(field);
    expect(await statuses()).toEqual([1, 1, 1, 1, 1]);
  });

  it('answer KEY_NOT_FOUND for an index, and for an id that is another channel’s', async () => {
    const other = await app.admin.createChannel({ baseUrl: upstream.baseUrl, keys: someKeys(1) });
    const [foreign] = await app.admin.listKeys(other);
    expect(await post('toggle', { key_index: 5, enabled: true })).toMatchObject(GONE);
    expect(await post('toggle', { key_index: 2 ** 31 - 1, enabled: true })).toMatchObject(GONE);
    expect(await post('toggle', { key_id: foreign?.key_id, enabled: false })).toMatchObject(GONE);
    expect(await post('delete', { key_indices: [9] })).toMatchObject(GONE);
    expect(await patch({ key_index: 5, note: 'x' })).toMatchObject(GONE);
  });

  it('are switched together, each named once, and those that are not there are named', async () => {
    await post('toggle', { key_index: 1, enabled: false });
    const answer = await post('batch-toggle', { key_indices: [0, 1, 1, 7, 99], enabled: false });
    expect(answer).toMatchObject({ status: 200, message: 'Successfully disabled 2 keys' });
    expect(answer.data).toEqual({ requested: 4, affected: 1, unchanged: 1, not_found: [7, 99] });
    expect(await statuses()).toEqual([2, 2, 1, 1, 1]);
    const enabled = await post('batch-toggle', { key_indices: [0, 1, 2], enabled: true });
    expect(enabled).toMatchObject({ message: 'Successfully enabled 3 keys', data: { affected: 2, unchanged: 1 } });
  });

  it('answer KEY_NOT_FOUND to a batch of which none is there', async () => {
    expect(await post('batch-toggle', { key_indices: [7, 99], enabled: false })).toMatchObject(GONE);
  });

  it.each([{ key_indices: [] }, { key_indices: 3 }, { key_indices: ['3'] }, { key_indices: [null] }, {}])(
    'are not switched together by %j',
    async (body) => {
      const answer = await post('batch-toggle', { ...body, enabled: false });
      expect(answer).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
      expect(answer.errors?.map(({ field }) => field)).toContain('key_indices');
    },
  );

  it('are switched by the batch of their import, and an unknown batch names the five newest', async () => {
    const batches: string[] = [];
    for (let i = 0; i < 6; i++) {
      const { data } = await post('import', { keys: [aKey(10 + i)], mode: 1 });
      batches.push(String(data['batch_id']));
    }
    const answer = await post('batch-toggle-by-batch', { batch_id: batches[0], enabled: false });
    expect(answer).toMatchObject({ status: 200, message: `Successfully disabled keys in batch ${String(batches[0])}` });
    expect(answer.data).toEqual({ batch_id: batches[0], affected: 1, unchanged: 0 });
    expect(await statuses()).toEqual([1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1]);
    const unknown = await post('batch-toggle-by-batch', { batch_id: 'batch_1', enabled: false });
    expect(unknown).toMatchObject({ status: 404, code: 'BATCH_NOT_FOUND' });
    expect(JSON.stringify(unknown.data)).toContain(JSON.stringify(batches.slice(1).reverse()));
    expect(await post('batch-toggle-by-batch', { batch_id: batches[0] })).toMatchObject({ status: 400 });
  });

  it('are deleted for good: the others keep their index, and the secret is gone from the row', async () => {
    const answer = await post('delete', { key_indices: [1, 3, 3, 8] });
    expect(answer).toMatchObject({ status: 200, data: { deleted: 2 } });
    expect(indicesOf(await listed())).toEqual([0, 2, 4]);
    expect(await post('toggle', { key_index: 1, enabled: true })).toMatchObject(GONE);
    const deleted = await runSql(
      app.databaseUrl,
      'SELECT secret_ciphertext FROM channel_keys WHERE channel_id = $1 AND deleted_at IS NOT NULL',
      [id],
    );
    expect(deleted).toEqual([{ secret_ciphertext: null }, { secret_ciphertext: null }]);
    const chat = new ChatClient(app.baseUrl, await app.admin.createToken({ channel_ids: [id] }));
    expect(await chat.indicesOf(4)).toEqual([0, 2, 4, 0]);
  });

  it('are deleted by state: those disabled automatically unless told otherwise', async () => {
    await disableAutomatically(0, 1);
    await post('toggle', { key_index: 4, enabled: false });
    expect(await post('delete-disabled', {})).toMatchObject({ status: 200, data: { deleted: 2 } });
    expect(indicesOf(await listed())).toEqual([2, 3, 4]);
    expect(await post('delete-disabled', { status: 3 })).toMatchObject({ data: { deleted: 0 } });
    expect(await post('delete-disabled', { status: 2 })).toMatchObject({ data: { deleted: 1 } });
    expect(indicesOf(await listed())).toEqual([2, 3]);
    expect(await post('delete-disabled', { status: 1 })).toMatchObject({ status: 400, errors: [{ field: 'status' }] });
  });

  it('take a note and a balance, of which only what is sent changes', async () => {
    expect(await patch({ note: '团队 A', balance: -12.345678 })).toMatchObject({ status: 200, data: null });
    expect((await listed()).keys[0]).toMatchObject({ note: '团队 A', balance: -12.345678 });
    await patch({ balance: 1e13 });
    expect((await listed()).keys[0]).toMatchObject({ note: '团队 A', balance: 1e13 });
    await patch({ note: '' });
    expect((await listed()).keys[0]).toMatchObject({ note: '', balance: 1e13 });
  });

  it.each([{ note: 1 }, { note: null }, { note: 'x'.repeat(501) }, { balance: '1' }, { balance: 1e14 }, { status: 1 }])(
    'refuse the edit %j',
    async (edit) => {
      const answer = await patch(edit);
      expect(answer).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
      expect(answer.errors?.map(({ field }) => field)).toContain(Object.keys(edit)[0]);
    },
  );

  it('are listed in pages, and by state, batch, and by part of mask or note', async () => {
    const { data } = await post('import', { keys: someKeys(2, 20), mode: 1 });
    await post('batch-toggle', { key_indices: [1, 6], enabled: false });
    await patch({ key_index: 3, note: '100%_Sure' });
    const page = await listed('?page=2&page_size=3');
    expect(page).toMatchObject({ total_keys: 7, total: 7, page: 2, page_size: 3 });
    expect(indicesOf(page)).toEqual([3, 4, 5]);
    expect(await listed('?page=9')).toMatchObject({ total_keys: 7, total: 7, keys: [] });
    expect(await listed('?status=2&page=1')).toMatchObject({ total_keys: 7, total: 2 });
    expect(indicesOf(await listed('?status=2'))).toEqual([1, 6]);
    expect(indicesOf(await listed(`?batch_id=${String(data['batch_id'])}`))).toEqual([5, 6]);
    expect(indicesOf(await listed(`?batch_id=${String(data['batch_id'])}&status=2`))).toEqual([6]);
    for (const text of ['100%', '%_s', '0%_sure']) {
      expect(indicesOf(await listed(`?q=${encodeURIComponent(text)}`))).toEqual([3]);
    }
    expect(indicesOf(await listed('?q=sk-test...abcd'))).toHaveLength(7);
    expect(indicesOf(await listed('?q=%25%25'))).toEqual([]);
  });

  it.each(['page=0', 'page=-1', 'page=1e9', 'page_size=0', 'page_size=1001', 'status=0', 'status=x', 'q=a&q=b', 'x=1'])(
    'are not listed for the query %s',
    async (query) => {
      const answer = await app.admin.get(`/api/channel/${id}/keys/details?${query}`);
      expect(answer).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
    },
  );
});
