import { createHash } from 'node:crypto';
import type { AdminAnswer } from '../support/admin-client';
import { AppUnderTest } from '../support/app-under-test';
import { ChatClient } from '../support/chat-client';
import { dumpRows, runSql } from '../support/database-rows';
import { FakeUpstream } from '../support/fake-upstream';
import { someKeys } from '../support/keys';

interface Token extends Record<string, unknown> {
  readonly id: number;
  readonly key: string;
}

describe('client tokens', () => {
  let app: AppUnderTest;
  let upstream: FakeUpstream;
  let channelId: number;
  let otherId: number;

  beforeAll(async () => {
    [app, upstream] = await Promise.all([AppUnderTest.start(), FakeUpstream.start()]);
    const channel = { baseUrl: upstream.baseUrl, models: ['gpt-4', 'gpt-3.5-turbo'] };
    channelId = await app.admin.createChannel({ ...channel, keys: someKeys(1), priority: 1 });
    otherId = await app.admin.createChannel({ ...channel, models: ['other'], keys: someKeys(1, 1) });
  });

  afterAll(async () => {
    await app.stop();
    await upstream.stop();
  });

  function issue(fields: object = {}): Promise<AdminAnswer<Token>> {
    return app.admin.post<Token>('/api/token', { name: 'a client', ...fields });
  }

  function put(id: number, fields: object): Promise<AdminAnswer<Token>> {
    return app.admin.call<Token>('PUT', `/api/token/${id}`, fields);
  }

  async function ask(key: string, model = 'gpt-4'): Promise<number> {
    return (await new ChatClient(app.baseUrl, key).ask('Hello!', model)).status;
  }

  function seconds(fromNow: number): number {
    return Math.floor(Date.now() / 1000) + fromNow;
  }

  it('are shown once, and masked ever after', async () => {
    const { status, data } = await issue();
    expect(status).toBe(200);
    expect(data).toMatchObject({ name: 'a client', status: 1, models: [], channel_ids: [], expired_time: -1 });
    expect(data.key).toMatch(/^sk-km-[0-9A-Za-z]{36}$/);
    const mask = `sk-km-...${data.key.slice(-4)}`;
    const list = await app.admin.get<{ items: Token[] }>('/api/token?page_size=1000');
    expect(list.data.items.find(({ id }) => id === data.id)).toMatchObject({ key: mask });
    expect((await put(data.id, { name: 'renamed' })).data).toMatchObject({ name: 'renamed', key: mask });
  });

  it('are stored as digests alone', async () => {
    const { data } = await issue();
    const [row] = await runSql(app.databaseUrl, 'SELECT hash FROM tokens WHERE id = $1', [data.id]);
    expect(row?.['hash']).toEqual(createHash('sha256').update(data.key).digest());
    const dump = await dumpRows(app.databaseUrl);
    expect(dump).not.toContain(data.key);
    expect(dump).not.toContain(data.key.slice(6));
  });

  it('work at once, and no more once they are disabled or deleted', async () => {
    const { data } = await issue();
    expect(await ask(data.key)).toBe(200);
    await put(data.id, { status: 2 });
    expect(await ask(data.key)).toBe(401);
    await put(data.id, { status: 1 });
    expect(await ask(data.key)).toBe(200);
    expect(await app.admin.call('DELETE', `/api/token/${data.id}`)).toMatchObject({ status: 200, data: null });
    expect(await ask(data.key)).toBe(401);
    expect(await app.admin.call('DELETE', `/api/token/${data.id}`)).toMatchObject({ code: 'TOKEN_NOT_FOUND' });
    expect(await put(data.id, {})).toMatchObject({ status: 404, code: 'TOKEN_NOT_FOUND' });
  });

  it('survive a restart', async () => {
    const { data } = await issue();
    await app.restart();
    expect(await ask(data.key)).toBe(200);
  });

  it('end at their time, which can be moved', async () => {
    const { data } = await issue({ expired_time: seconds(-1) });
    expect(await ask(data.key)).toBe(401);
    const later = seconds(3600);
    expect((await put(data.id, { expired_time: later })).data['expired_time']).toBe(later);
    expect(await ask(data.key)).toBe(200);
    await put(data.id, { expired_time: 0 });
    expect(await ask(data.key)).toBe(401);
    await put(data.id, { expired_time: -1 });
    expect(await ask(data.key)).toBe(200);
  });

  it('open only the models they name', async () => {
    const { data } = await issue({ models: ['gpt-4'] });
    expect(await ask(data.key)).toBe(200);
    expect(await ask(data.key, 'gpt-3.5-turbo')).toBe(404);
    await put(data.id, { models: [] });
    expect(await ask(data.key, 'gpt-3.5-turbo')).toBe(200);
  });

  it('open only the channels they name', async () => {
    const { data } = await issue({ channel_ids: [otherId] });
    expect(await ask(data.key, 'other')).toBe(200);
    expect(await ask(data.key)).toBe(404);
    await put(data.id, { channel_ids: [channelId, channelId] });
    expect(await ask(data.key)).toBe(200);
    expect(await ask(data.key, 'other')).toBe(404);
    const models = await fetch(`${app.baseUrl}/v1/models`, { headers: { authorization: `Bearer ${data.key}` } });
    const { data: listed } = (await models.json()) as { data: { id: string }[] };
    expect(listed.map(({ id }) => id)).toEqual(['gpt-3.5-turbo', 'gpt-4']);
  });

  it('are listed in pages in the order of id', async () => {
    const made = [(await issue()).data.id, (await issue()).data.id];
    const { total } = (await app.admin.get<{ total: number }>('/api/token')).data;
    const page = await app.admin.get<{ items: Token[] }>(`/api/token?page=${total - 1}&page_size=1`);
    expect(page.data).toMatchObject({ total, items: [{ id: made[0] }] });
  });

  it.each([
    ['name', { name: undefined }],
    ['name', { name: '' }],
    ['name', { name: 'x'.repeat(201) }],
    ['models', { models: 'gpt-4' }],
    ['models', { models: [''] }],
    ['channel_ids', { channel_ids: [0] }],
    ['channel_ids', { channel_ids: ['1'] }],
    ['channel_ids', { channel_ids: [1e30] }],
    ['expired_time', { expired_time: -2 }],
    ['expired_time', { expired_time: 1.5 }],
    ['expired_time', { expired_time: 1e15 }],
    ['expired_time', { expired_time: null }],
    ['key', { key: 'sk-km-mine' }],
    ['status', { status: 2 }],
  ])('are not issued with a wrong %s (%j)', async (field, fields) => {
    const answer = await issue(fields);
    expect(answer).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
    expect(answer.errors?.map((fault) => fault.field)).toContain(field);
  });

  it.each(['0', '-1', 'abc', '1e30', '99999999999999999999'])('answer the id %s with a 4xx', async (id) => {
    for (const method of ['PUT', 'DELETE']) {
      const { status } = await app.admin.call(method, `/api/token/${id}`, method === 'PUT' ? {} : undefined);
      expect([400, 404]).toContain(status);
    }
  });
});
