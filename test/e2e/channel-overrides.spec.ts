import type { AdminAnswer } from '../support/admin-client';
import { AppUnderTest } from '../support/app-under-test';
import { callHttp } from '../support/http-call';

const BASE_URL = 'http://127.0.0.1:9';

interface Channel extends Record<string, unknown> {
  readonly id: number;
}

/** One fault, of this field, that says so. */
function faultOf(field: string, message: string): unknown {
  return {
    status: 400,
    code: 'VALIDATION_FAILED',
    data: null,
    errors: [{ field, message: expect.stringContaining(message) as string }],
  };
}

describe('what a channel changes in requests', () => {
  let app: AppUnderTest;

  beforeAll(async () => {
    app = await AppUnderTest.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  function create(fields: object = {}): Promise<AdminAnswer<Channel>> {
    return app.admin.post<Channel>('/api/channel', { name: 'a channel', base_url: BASE_URL, ...fields });
  }

  async function put(id: number, fields: object): Promise<AdminAnswer<Channel>> {
    return app.admin.call<Channel>('PUT', `/api/channel/${id}`, fields);
  }

  it('is nothing unless it is said', async () => {
    const { data } = await create();
    expect(data).toMatchObject({ header_override: {}, param_override: {}, settings: {} });
  });

  it('is kept and shown as it was said, and replaced as a whole', async () => {
    const fields = {
      header_override: { 'X-Title': 'Keymux', 'user-agent': null },
      param_override: { temperature: 0.25, user: null, metadata: { a: [1, 'x', null, { b: true }] } },
      settings: { affinity: true, stream_usage: false, api_version: '2025-03-01-preview', auto_disable: false },
      model_mapping: { 'gpt-*': 'openai/gpt-*', '*': 'gpt-4o' },
    };
    const { status, data } = await create(fields);
    expect({ status, data }).toMatchObject({ status: 200, data: fields });
    expect((await put(data.id, { name: 'another' })).data).toMatchObject(fields);
    const replaced = {
      header_override: { 'x-other': '1' },
      param_override: {},
      settings: { affinity: false },
      model_mapping: {},
    };
    const { header_override, param_override, settings, model_mapping } = (await put(data.id, replaced)).data;
    expect({ header_override, param_override, settings, model_mapping }).toEqual(replaced);
  });

  it('takes no harm from the names of prototypes', async () => {
    const body = `{"name":"a channel","base_url":"${BASE_URL}",
      "header_override":{"__proto__":"polluted","constructor":"a"},
      "param_override":{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}}`;
    const headers = { authorization: `Bearer ${app.adminToken}` };
    const { status, text } = await callHttp(app.baseUrl, { method: 'POST', path: '/api/channel', headers, body });
    expect([200, 400]).toContain(status);
    expect(text).not.toContain('polluted');
    expect({}).not.toHaveProperty('polluted');
  });

  it.each([
    ['header_override', [], 'must be an object'],
    ['header_override', null, 'must be an object'],
    ['header_override', { Authorization: 'Bearer x' }, 'carries a credential'],
    ['header_override', { 'x-a': 'b\r\nx-api-key: c' }, 'in one line'],
    ['header_override', { 'x-a': 'b', 'X-A': 'c' }, 'twice'],
    ['param_override', 'x', 'must be an object'],
    ['param_override', { model: 'gpt-4o' }, 'model_mapping'],
    ['param_override', { stream: true }, 'the caller alone'],
    ['param_override', { user: 'a\0b' }, 'cannot be stored'],
    ['param_override', { user: 'x'.repeat(65_536) }, '64 KiB'],
    ['model_mapping', { 'gpt-4': '*' }, 'stands for nothing'],
    ['settings.affinity', 'yes', 'boolean'],
    ['settings.stream_usage', 1, 'boolean'],
    ['settings.api_version', '2024-10-21&key=x', 'must be a version'],
    ['settings.api_version', '', 'must be a version'],
    ['settings.color', 'red', 'should not exist'],
  ])('refuses %s = %j, naming the field, on create and on update', async (field, value, message) => {
    const { data } = await create();
    const [name = '', inner] = field.split('.');
    const fields = { [name]: inner === undefined ? value : { [inner]: value } };
    for (const answer of [await create(fields), await put(data.id, fields)]) {
      expect(answer).toMatchObject(faultOf(field, message) as object);
    }
  });
});
