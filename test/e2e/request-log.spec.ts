import type { AdminAnswer } from '../support/admin-client';
import { AppUnderTest } from '../support/app-under-test';
import { runSql } from '../support/database-rows';
import { someKeys } from '../support/keys';
import { insertLog } from '../support/usage-rows';

interface LoggedRequest {
  readonly id: number;
  readonly request_id: string;
  readonly created_at: number;
  readonly key: string | null;
  readonly attempts: readonly object[];
}

interface LogPage {
  readonly items: readonly LoggedRequest[];
  readonly next_after_id: number | null;
}

/** Unix seconds; recent, so that nothing comes of age meanwhile. */
const THEN = Math.floor(Date.now() / 1000) - 86_400;
const at = (seconds: number): Date => new Date((THEN + seconds) * 1000);

describe('the request log', () => {
  let app: AppUnderTest;

  beforeAll(async () => {
    app = await AppUnderTest.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  beforeEach(async () => {
    await runSql(app.databaseUrl, 'TRUNCATE request_logs');
  });

  const insert = (fields: object): Promise<number> => insertLog(app.databaseUrl, { ...fields });

  function list(query = ''): Promise<AdminAnswer<LogPage>> {
    return app.admin.get<LogPage>(`/api/log${query}`);
  }

  async function listedIds(query: string): Promise<number[]> {
    return (await list(query)).data.items.map(({ id }) => id);
  }

  /** Some requests, the oldest first; the last two began in the same millisecond. */
  async function insertSome(count: number, fields: object = {}): Promise<number[]> {
    const ids: number[] = [];
    for (let i = 0; i < count; i++) ids.push(await insert({ created_at: at(Math.min(i, count - 2)), ...fields }));
    return ids;
  }

  it('is empty before the first request', async () => {
    expect((await list()).data).toEqual({ items: [], next_after_id: null });
  });

  it('shows everything about a request', async () => {
    const attempts = [
      { channel_id: 3, key_id: 8, key_index: 0, status: 429, verdict: 'KEY_RATE', duration_ms: 210 },
      { channel_id: 3, key_id: 9, key_index: 1, status: 200, verdict: null, duration_ms: 700 },
    ];
    const fields = {
      request_id: '7b0f5a3e-6a0e-4f8e-9a53-0d6f0c1f2b11',
      token_id: 2,
      token_name: 'my-app',
      channel_id: 3,
      key_id: 9,
      key_index: 1,
      model: 'gpt-4o',
      model_sent: 'gpt-4o-2024-08-06',
      path: '/v1/chat/completions',
      stream: true,
      status: 200,
      end_reason: 'done',
      prompt_tokens: 12,
      completion_tokens: 34,
      cached_tokens: 5,
      is_estimated: true,
      duration_ms: 950,
      ttft_ms: 480,
      attempts,
    };
    const id = await insert({ ...fields, created_at: new Date(THEN * 1000 + 999) });
    const shown = { ...fields, id, key: null, created_at: THEN };
    expect((await list()).data.items).toEqual([shown]);
    expect((await app.admin.get(`/api/log/${fields.request_id}`)).data).toEqual(shown);
  });

  it('shows null for what a request did not have', async () => {
    await insert({ token_name: null });
    expect((await list()).data.items[0]).toMatchObject({
      token_name: null,
      channel_id: null,
      key_id: null,
      key_index: null,
      key: null,
      model_sent: null,
      prompt_tokens: null,
      completion_tokens: null,
      cached_tokens: null,
      ttft_ms: null,
    });
  });

  it('names the mask of a key, also after the key and its channel are deleted', async () => {
    const [key = ''] = someKeys(1);
    const channel_id = await app.admin.createChannel({ baseUrl: 'http://127.0.0.1:9', keys: someKeys(2) });
    const [listed] = await app.admin.listKeys(channel_id);
    await insert({ channel_id, key_id: listed?.key_id, key_index: 0 });
    const mask = `${key.slice(0, 7)}...${key.slice(-4)}`;
    expect((await list()).data.items[0]?.key).toBe(mask);
    await app.admin.post('/api/channel/keys/delete', { channel_id, key_indices: [0] });
    expect((await list()).data.items[0]?.key).toBe(mask);
    await app.admin.call('DELETE', `/api/channel/${channel_id}`);
    expect((await list()).data.items[0]?.key).toBe(mask);
  });

  it('is read in pages from the newest on, without gap or overlap', async () => {
    const all = (await insertSome(7)).reverse();
    expect(await listedIds('')).toEqual(all);
    const pages: number[][] = [];
    let query = '?limit=3';
    for (;;) {
      const { items, next_after_id } = (await list(query)).data;
      pages.push(items.map(({ id }) => id));
      if (next_after_id === null) break;
      query = `?limit=3&after_id=${next_after_id}`;
    }
    expect(pages).toEqual([all.slice(0, 3), all.slice(3, 6), all.slice(6)]);
    expect((await list('?limit=7')).data.next_after_id).toBeNull();
  });

  it('goes on where it was when newer requests have come, and ends where the rest was deleted', async () => {
    const [, ...rest] = (await insertSome(5)).reverse();
    await insert({ created_at: at(100) });
    expect(await listedIds(`?after_id=${rest[0]}`)).toEqual(rest.slice(1));
    await runSql(app.databaseUrl, 'DELETE FROM request_logs WHERE id <= $1', [rest[0]]);
    expect(await listedIds(`?after_id=${rest[0]}`)).toEqual([]);
  });

  it('shows a request that was written late where it belongs', async () => {
    const [old = 0, recent = 0] = await insertSome(2, {});
    await runSql(app.databaseUrl, 'UPDATE request_logs SET created_at = $2 WHERE id = $1', [recent, at(50)]);
    const late = await insert({ created_at: at(20) });
    expect(await listedIds('')).toEqual([recent, late, old]);
    expect(await listedIds(`?after_id=${recent}`)).toEqual([late, old]);
  });

  it.each([
    ['channel_id=3', { channel_id: 3 }],
    ['key_id=9', { key_id: 9 }],
    ['token_id=2', { token_id: 2 }],
    ['model=claude%2Fx%20y', { model: 'claude/x y' }],
    ['model=', { model: '' }],
    ['status=429', { status: 429 }],
    ['end_reason=client_gone', { end_reason: 'client_gone' }],
    ['end_reason=shutdown', { end_reason: 'shutdown' }],
    ['channel_id=3&status=500&end_reason=done', { channel_id: 3, status: 500 }],
  ])('shows only what was asked for with %s', async (query, fields) => {
    await insertSome(3);
    const id = await insert({ created_at: at(0), ...fields });
    await insert({ created_at: at(0) });
    expect(await listedIds(`?${query}`)).toEqual([id]);
  });

  it('shows only what started from one time on and before another', async () => {
    const ids = await insertSome(5);
    const [first, second, third, ...last] = ids;
    expect(await listedIds(`?from=${THEN + 3}`)).toEqual(last.reverse());
    expect(await listedIds(`?to=${THEN + 1}`)).toEqual([first]);
    expect(await listedIds(`?from=${THEN + 1}&to=${THEN + 3}`)).toEqual([third, second]);
    expect(await listedIds(`?from=${THEN + 3}&to=${THEN + 1}`)).toEqual([]);
  });

  it('shows the newest of several requests that a client gave one id', async () => {
    await insert({ request_id: 'same-request', created_at: at(0) });
    const newest = await insert({ request_id: 'same-request', created_at: at(9) });
    await insert({ request_id: 'same-request', created_at: at(5) });
    expect((await app.admin.get('/api/log/same-request')).data).toMatchObject({ id: newest });
  });

  it('says so when it has no such request', async () => {
    expect(await app.admin.get('/api/log/no-such-request')).toMatchObject({ status: 404, code: 'LOG_NOT_FOUND' });
    expect(await app.admin.get(`/api/log/${'x'.repeat(65)}`)).toMatchObject({ status: 400 });
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['after_id=0', 'after_id'],
    ['channel_id=x', 'channel_id'],
    ['key_id=1.5', 'key_id'],
    ['status=2xx', 'status'],
    ['end_reason=unknown', 'end_reason'],
    ['from=-1', 'from'],
    ['to=2025-01-01', 'to'],
    ['model=a%00b', 'model'],
    ['model=a&model=b', 'model'],
    ['offset=5', 'offset'],
  ])('is refused for the query %s', async (query, field) => {
    const answer = await list(`?${query}`);
    expect(answer).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
    expect(answer.errors?.[0]?.field).toBe(field);
  });
});
