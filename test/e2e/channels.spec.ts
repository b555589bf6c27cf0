import type { AdminAnswer, AdminClient } from '../support/admin-client';
import { AppUnderTest } from '../support/app-under-test';
import { callHttp } from '../support/http-call';
import { someKeys } from '../support/keys';

const BASE_URL = 'http://127.0.0.1:9';
const ODD_IDS = ['0', '-1', '1.5', 'abc', '1e30', '99999999999999999999', 'NaN', 'null', '%20', '%00', '%E0%A4%A'];

interface Channel extends Record<string, unknown> {
  readonly id: number;
  readonly status: number;
}

/** At least one fault, of this field. */
function faultsOf(field: string): unknown {
  return expect.arrayContaining([expect.objectContaining({ field })]);
}

describe('channels', () => {
  let app: AppUnderTest;
  let admin: AdminClient;

  beforeAll(async () => {
    app = await AppUnderTest.start();
    admin = app.admin;
  });

  afterAll(async () => {
    await app.stop();
  });

  function create(fields: object = {}): Promise<AdminAnswer<Channel>> {
    return admin.post<Channel>('/api/channel', { name: 'a channel', base_url: BASE_URL, ...fields });
  }

  async function createId(fields: object = {}): Promise<number> {
    return (await create(fields)).data.id;
  }

  function put(id: number, fields: object): Promise<AdminAnswer<Channel>> {
    return admin.call<Channel>('PUT', `/api/channel/${id}`, fields);
  }

  async function statusOf(id: number): Promise<number> {
    return (await admin.get<Channel>(`/api/channel/${id}`)).data.status;
  }

  function toggle(id: number, indices: number[], enabled: boolean): Promise<AdminAnswer> {
    return admin.post('/api/channel/keys/batch-toggle', { channel_id: id, key_indices: indices, enabled });
  }

  it('makes a channel with defaults, whose answer shows no key', async () => {
    const [key = ''] = someKeys(1);
    const answer = await create({ name: 'GPT-4聚合渠道', keys: [key] });
    expect(answer).toMatchObject({ status: 200, success: true });
    expect(answer.data).toMatchObject({
      name: 'GPT-4聚合渠道',
      type: 'openai',
      base_url: BASE_URL,
      status: 1,
      status_text: '已启用',
      is_multi_key: false,
      selection_mode: 0,
      models: [],
      model_mapping: {},
      priority: 0,
      weight: 1,
      total_keys: 1,
      enabled_keys: 1,
    });
    expect(JSON.stringify(answer)).not.toContain(key);
    expect(await admin.get(`/api/channel/${answer.data.id}`)).toMatchObject({ data: answer.data });
  });

  it('takes several keys as a sign of multi-key, but not a blank line beside one key', async () => {
    expect((await create({ keys: someKeys(2) })).data['is_multi_key']).toBe(true);
    expect((await create({ keys: [...someKeys(1), '', ' '] })).data['is_multi_key']).toBe(false);
    const refused = await create({ keys: someKeys(2), is_multi_key: false });
    expect(refused).toMatchObject({ status: 409, code: 'CHANNEL_NOT_MULTI_KEY' });
  });

  it('changes only what is sent', async () => {
    const fields = { models: ['gpt-4'], model_mapping: { a: 'b' }, priority: 7, weight: 3, key_selection_mode: 1 };
    const before = await create({ ...fields, keys: someKeys(2) });
    const after = await put(before.data.id, { name: 'another name' });
    const updated_at = expect.any(Number) as number;
    expect(after).toMatchObject({ status: 200, data: { ...before.data, name: 'another name', updated_at } });
    expect((await put(before.data.id, {})).data).toEqual({ ...after.data, updated_at });
  });

  it('lists pages in the order of id', async () => {
    const ids = [await createId(), await createId(), await createId()];
    const all = await admin.get<{ total: number }>('/api/channel');
    const { total } = all.data;
    const first = total - 2;
    const page = await admin.get<{ items: Channel[] }>(`/api/channel?page=${first}&page_size=1`);
    expect(page.data).toMatchObject({ total, page: first, page_size: 1 });
    expect(page.data.items.map(({ id }) => id)).toEqual(ids.slice(0, 1));
    expect((await admin.get('/api/channel?page=1000000&page_size=1000')).data).toMatchObject({ items: [], total });
  });

  it('finds a keyword in name or base_url, with % _ and \\ standing for themselves', async () => {
    const named = await createId({ name: '100%_sure\\' });
    const found = async (keyword: string): Promise<number[]> => {
      const path = `/api/channel?page_size=1000&keyword=${encodeURIComponent(keyword)}`;
      return (await admin.get<{ items: Channel[] }>(path)).data.items.map(({ id }) => id);
    };
    for (const keyword of ['%', '0%_S', '_', '\\']) expect(await found(keyword)).toEqual([named]);
    expect(await found('%channel')).toEqual([]);
    expect(await found('127.0.0.1:9')).toContain(named);
  });

  it('lists by status', async () => {
    const off = await createId();
    await put(off, { status: 2 });
    const answer = await admin.get<{ items: Channel[]; total: number }>('/api/channel?status=2');
    expect(answer.data).toMatchObject({ total: 1, items: [{ id: off, status: 2, status_text: '手动禁用' }] });
  });

  it.each(['page=0', 'page=x', 'page=1&page=2', 'page_size=1001', 'status=4', 'keyword=a&keyword=b', 'color=red'])(
    'refuses the query %s by the name of the parameter',
    async (query) => {
      const field = query.split('=')[0] ?? '';
      const answer = await admin.get(`/api/channel?${query}`);
      expect(answer).toMatchObject({ status: 400, code: 'VALIDATION_FAILED', errors: faultsOf(field) });
    },
  );

  it.each([
    ['color', 'red'],
    ['id', 7],
    ['type', 'cohere'],
    ['name', 'x'.repeat(201)],
    ['weight', 0],
    ['weight', null],
    ['priority', 2 ** 31],
    ['priority', '1'],
    ['key_selection_mode', 2],
    ['is_multi_key', 'true'],
    ['status', 3],
    ['models', 'gpt-4'],
    ['models', ['']],
    ['model_mapping', []],
    ['model_mapping', { a: 1 }],
    ['model_mapping', { a: '' }],
  ])('refuses %s = %j, naming the field, on create and on update', async (field, value) => {
    const id = await createId();
    for (const answer of [await create({ [field]: value }), await put(id, { [field]: value })]) {
      expect(answer).toMatchObject({ status: 400, code: 'VALIDATION_FAILED', data: null, errors: faultsOf(field) });
    }
  });

  it('takes no harm from a mapping of __proto__ and constructor', async () => {
    const mapping = '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}},"gpt-4":"m"}';
    const body = `{"name":"a channel","base_url":"${BASE_URL}","model_mapping":${mapping}}`;
    const headers = { authorization: `Bearer ${app.adminToken}` };
    const { status, text } = await callHttp(app.baseUrl, { method: 'POST', path: '/api/channel', headers, body });
    expect([200, 400]).toContain(status);
    expect(text).not.toContain('polluted');
    expect({}).not.toHaveProperty('polluted');
  });

  it.each(['[]', '[[]]', '{"__proto__":{"name":"x"}}', '{"constructor":1,"toString":2}', '""'])(
    'refuses the body %s',
    async (body) => {
      const headers = { authorization: `Bearer ${app.adminToken}` };
      for (const path of ['/api/channel', '/api/channel/keys/import', '/api/token']) {
        const answer = await callHttp(app.baseUrl, { method: 'POST', path, headers, body });
        expect(answer).toMatchObject({ status: 400, json: { success: false } });
      }
    },
  );

  it.each(['http://10.0.0.1', 'http://example.com', 'http://localhost:1', 'http://[::1]/v1'])(
    'names UPSTREAM_ALLOW when it refuses the base_url %s',
    async (base_url) => {
      const id = await createId();
      for (const answer of [await create({ base_url }), await put(id, { base_url })]) {
        expect(answer).toMatchObject({ status: 400, code: 'BASE_URL_REFUSED', errors: [{ field: 'base_url' }] });
        expect(answer.message).toContain('UPSTREAM_ALLOW');
      }
    },
  );

  it.each(['', 'not a url', 'ftp://127.0.0.1', 'file:///etc/passwd', 'http://169.254.169.254', 'http://u:p@127.0.0.1'])(
    'refuses the base_url %j',
    async (base_url) => {
      expect(await create({ base_url })).toMatchObject({ status: 400, errors: [{ field: 'base_url' }] });
    },
  );

  it('lets base_url change its origin only together with keys while keys are stored', async () => {
    const id = await createId({ keys: someKeys(2) });
    const elsewhere = { base_url: 'http://127.0.0.1:10' };
    expect(await put(id, elsewhere)).toMatchObject({ status: 409, code: 'BASE_URL_CHANGE_NEEDS_KEYS' });
    expect(await put(id, { ...elsewhere, keys: [] })).toMatchObject({ status: 400, code: 'NO_VALID_KEYS' });
    expect(await put(id, { base_url: `${BASE_URL}/v1/` })).toMatchObject({ data: { base_url: `${BASE_URL}/v1` } });
    const moved = await put(id, { ...elsewhere, keys: someKeys(2, 5) });
    expect(moved).toMatchObject({ status: 200, data: { ...elsewhere, total_keys: 2 } });
    expect(await put(await createId(), elsewhere)).toMatchObject({ status: 200, data: elsewhere });
  });

  it('deletes a channel with its keys', async () => {
    const id = await createId({ keys: someKeys(2) });
    expect(await admin.call('DELETE', `/api/channel/${id}`)).toMatchObject({ status: 200, success: true, data: null });
    const gone = { status: 404, code: 'CHANNEL_NOT_FOUND' };
    expect(await admin.call('DELETE', `/api/channel/${id}`)).toMatchObject(gone);
    expect(await put(id, {})).toMatchObject(gone);
    for (const path of ['', '/keys/details', '/keys/stats', '/keys/batches']) {
      expect(await admin.get(`/api/channel/${id}${path}`)).toMatchObject(gone);
    }
    expect(await toggle(id, [0], true)).toMatchObject(gone);
  });

  it.each(ODD_IDS)('answers the id %s with a 4xx', async (id) => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await admin.call(method, `/api/channel/${id}`, method === 'PUT' ? {} : undefined);
      expect([400, 404]).toContain(answer.status);
    }
    expect([400, 404]).toContain((await admin.get(`/api/channel/${id}/keys/stats`)).status);
  });

  it('follows its keys: off (3) with the last one, back (1) with the first', async () => {
    const id = await createId({ keys: someKeys(2) });
    await toggle(id, [0], false);
    expect(await statusOf(id)).toBe(1);
    await toggle(id, [1], false);
    expect(await statusOf(id)).toBe(3);
    await toggle(id, [0], true);
    expect(await statusOf(id)).toBe(1);
  });

  it('stays off by hand (2) whatever its keys do, and joins them again when it is enabled', async () => {
    const id = await createId({ keys: someKeys(2) });
    await put(id, { status: 2 });
    await toggle(id, [0, 1], false);
    expect(await statusOf(id)).toBe(2);
    await toggle(id, [0, 1], true);
    expect(await statusOf(id)).toBe(2);
    expect((await put(id, { status: 1 })).data.status).toBe(1);
  });

  it('cannot be enabled past keys that are all off', async () => {
    const id = await createId({ keys: someKeys(2) });
    await put(id, { status: 2 });
    await toggle(id, [0, 1], false);
    expect((await put(id, { status: 1 })).data.status).toBe(3);
  });
});
