import { DataSource } from 'typeorm';
import type { AppConfig } from '../../src/config/app-config';
import { KeyEvent } from '../../src/keys/key-event.entity';
import { KeyEventPurge } from '../../src/keys/history/key-event-purge';
import { KeyEventsRepository } from '../../src/keys/history/key-events.repository';
import type { AdminAnswer } from '../support/admin-client';
import { AppUnderTest } from '../support/app-under-test';
import { runSql } from '../support/database-rows';
import { someKeys } from '../support/keys';

interface ListedEvent {
  readonly id: number;
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly actor: string;
}

interface History {
  readonly key_id: number;
  readonly index: number;
  readonly items: readonly ListedEvent[];
  readonly next_before_id: number | null;
}

const HOUR_MS = 3_600_000;

describe('the history of a key', () => {
  let app: AppUnderTest;
  let id: number;
  let keyId: number;

  beforeAll(async () => {
    app = await AppUnderTest.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  beforeEach(async () => {
    id = await app.admin.createChannel({ baseUrl: 'http://127.0.0.1:9', keys: someKeys(3) });
    keyId = (await app.admin.listKeys(id))[1]?.key_id ?? 0;
  });

  function history(query = '', index: number | string = 1): Promise<AdminAnswer<History>> {
    return app.admin.get<History>(`/api/channel/${id}/keys/${index}/events${query}`);
  }

  async function toggle(...wanted: boolean[]): Promise<void> {
    for (const enabled of wanted) {
      await app.admin.post('/api/channel/keys/toggle', { channel_id: id, key_index: 1, enabled });
    }
  }

  it('is empty for a key to which nothing happened', async () => {
    const answer = await history();
    expect(answer.status).toBe(200);
    expect(answer.data).toEqual({ key_id: keyId, index: 1, items: [], next_before_id: null });
  });

  it('lists what an admin did, the newest first, and only what became of this key', async () => {
    const before = Math.floor(Date.now() / 1000);
    await toggle(false, true);
    await app.admin.post('/api/channel/keys/toggle', { channel_id: id, key_index: 0, enabled: false });
    const { items } = (await history()).data;
    const nothing = { code: null, detail: null, http_status: null, model: null, until: null };
    expect(items).toMatchObject([
      { ...nothing, from: 'manual', to: 'active', status: 1, actor: 'admin' },
      { ...nothing, from: 'active', to: 'manual', status: 2, actor: 'admin' },
    ]);
    for (const { at } of items) expect(Math.abs(at - before)).toBeLessThan(120);
  });

  it('shows the whole reason of a change', async () => {
    await runSql(
      app.databaseUrl,
      `INSERT INTO key_events (channel_id, key_id, from_state, to_state, code, detail, http_status, model, actor, at, until)
       VALUES ($1, $2, 'active', 'exhausted', 'insufficient_quota', 'No quota', 429, 'gpt-4o', 'traffic',
               to_timestamp(1703515200), to_timestamp(1703518800))`,
      [id, keyId],
    );
    expect((await history()).data.items).toMatchObject([
      {
        at: 1703515200,
        from: 'active',
        to: 'exhausted',
        status: 3,
        code: 'insufficient_quota',
        detail: 'No quota',
        http_status: 429,
        model: 'gpt-4o',
        actor: 'traffic',
        until: 1703518800,
      },
    ]);
  });

  it('is read in pages without gap or overlap', async () => {
    await toggle(false, true, false, true, false);
    const all = (await history()).data.items.map((event) => event.id);
    expect(all).toHaveLength(5);
    const pages: number[][] = [];
    let query = '?limit=2';
    for (;;) {
      const { items, next_before_id } = (await history(query)).data;
      pages.push(items.map((event) => event.id));
      if (next_before_id === null) break;
      query = `?limit=2&before_id=${next_before_id}`;
    }
    expect(pages).toEqual([all.slice(0, 2), all.slice(2, 4), all.slice(4)]);
    expect((await history('?limit=5')).data.next_before_id).toBeNull();
  });

  it('goes on when an overwrite gives the key another index', async () => {
    await toggle(false);
    await app.admin.post('/api/channel/keys/import', { channel_id: id, mode: 0, keys: someKeys(1, 1) });
    const { data } = await history('', 0);
    expect(data).toMatchObject({ key_id: keyId, index: 0 });
    expect(data.items.at(-1)).toMatchObject({ from: 'active', to: 'manual' });
  });

  it('is refused for a key or channel that is not there', async () => {
    expect(await history('', 3)).toMatchObject({ status: 404, code: 'KEY_NOT_FOUND' });
    expect(await app.admin.get('/api/channel/987654/keys/0/events')).toMatchObject({
      status: 404,
      code: 'CHANNEL_NOT_FOUND',
    });
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=x', 'limit'],
    ['before_id=0', 'before_id'],
    ['before_id=1.5', 'before_id'],
    ['page=1', 'page'],
  ])('is refused for the query %s', async (query, field) => {
    const answer = await history(`?${query}`);
    expect(answer).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
    expect(answer.errors?.[0]?.field).toBe(field);
  });

  it.each(['-1', '1.5', 'x', String(2 ** 31)])('is refused for the index %s', async (index) => {
    const answer = await history('', index);
    expect(answer.status).toBe(400);
    expect(answer.errors?.[0]?.field).toBe('index');
  });

  it('loses the events that are too old, however many there are, and no others', async () => {
    await toggle(false);
    await runSql(
      app.databaseUrl,
      `INSERT INTO key_events (channel_id, key_id, from_state, to_state, actor, at)
       SELECT $1, $2, 'active', 'manual', 'admin', now() - interval '2 hours' FROM generate_series(1, 20500)`,
      [id, keyId],
    );
    const source = await new DataSource({ type: 'postgres', url: app.databaseUrl, entities: [KeyEvent] }).initialize();
    try {
      const events = new KeyEventsRepository(source.getRepository(KeyEvent));
      await new KeyEventPurge(events, { keyEventsKeepMs: HOUR_MS } as AppConfig).purge();
    } finally {
      await source.destroy();
    }
    expect((await history('?limit=200')).data.items).toHaveLength(1);
  });
});
