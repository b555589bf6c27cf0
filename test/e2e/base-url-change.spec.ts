import { AppUnderTest } from '../support/app-under-test';
import { ChatClient } from '../support/chat-client';
import { runSql } from '../support/database-rows';
import { FakeUpstream } from '../support/fake-upstream';
import { aKey, someKeys } from '../support/keys';

describe('a channel that moves to another origin', () => {
  let app: AppUnderTest;
  let before: FakeUpstream;
  let after: FakeUpstream;

  beforeAll(async () => {
    [app, before, after] = await Promise.all([AppUnderTest.start(), FakeUpstream.start(), FakeUpstream.start()]);
  });

  afterAll(async () => {
    await app.stop();
    await Promise.all([before.stop(), after.stop()]);
  });

  it('never takes a stored key along, under traffic and changes of other channels', async () => {
    const oldKeys = someKeys(3);
    const newKeys = someKeys(20_000, 1_000);
    const id = await app.admin.createChannel({ baseUrl: before.baseUrl, keys: oldKeys });
    const other = await app.admin.createChannel({ baseUrl: before.baseUrl, models: ['another'] });
    const chat = new ChatClient(app.baseUrl, await app.admin.createToken({ channel_ids: [id] }));
    const over = new AbortController();
    const traffic = Array.from({ length: 4 }, async () => {
      while (!over.signal.aborted) await chat.ask().catch(() => null);
    });
    const changes = (async () => {
      while (!over.signal.aborted) await app.admin.call('PUT', `/api/channel/${other}`, { priority: 1 });
    })();
    const moved = await app.admin.call('PUT', `/api/channel/${id}`, { base_url: after.baseUrl, keys: newKeys });
    over.abort();
    await Promise.all([...traffic, changes]);
    expect(moved.status).toBe(200);
    expect((await chat.ask()).status).toBe(200);
    expect(after.keysUsed().filter((key) => oldKeys.includes(key))).toEqual([]);
    expect(before.keysUsed().filter((key) => !oldKeys.includes(key))).toEqual([]);
    expect(after.keysUsed().length).toBeGreaterThan(0);
  });

  it('refuses to append past the highest index, and begins again at 0 with an overwrite', async () => {
    const id = await app.admin.createChannel({ baseUrl: before.baseUrl, is_multi_key: true, keys: someKeys(1) });
    await runSql(app.databaseUrl, `UPDATE channels SET next_position = ${2 ** 24} WHERE id = ${id}`);
    const load = (keys: string[], mode: number) =>
      app.admin.post('/api/channel/keys/import', { channel_id: id, keys, mode });
    expect(await load(someKeys(2, 10), 1)).toMatchObject({ status: 409, code: 'KEY_INDICES_USED_UP' });
    expect((await load([aKey(10)], 1)).status).toBe(200);
    expect((await load(someKeys(2, 20), 0)).status).toBe(200);
    expect((await app.admin.listKeys(id)).map(({ index }) => index)).toEqual([0, 1]);
  });
});
