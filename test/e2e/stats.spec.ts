import type { AdminAnswer } from '../support/admin-client';
import { AppUnderTest } from '../support/app-under-test';
import { runSql } from '../support/database-rows';
import { someKeys } from '../support/keys';
import { insertHour, NO_COUNTS } from '../support/usage-rows';

type Row = Readonly<Record<string, unknown>>;

interface Stats {
  readonly from: number;
  readonly to: number;
  readonly items: readonly Row[];
  readonly truncated?: boolean;
}

const HOUR_SECONDS = 3_600;
/** Unix seconds at which a day began; recent, so that nothing comes of age meanwhile. */
const MIDNIGHT = (Math.floor(Date.now() / 86_400_000) - 3) * 86_400;
const hourOf = (hour: number): Date => new Date((MIDNIGHT + hour * HOUR_SECONDS) * 1000);
const TWO_DAYS = `from=${MIDNIGHT}&to=${MIDNIGHT + 48 * HOUR_SECONDS}`;

const NOTHING = { ...NO_COUNTS, mean_duration_ms: null, at: null };

describe('the statistics', () => {
  let app: AppUnderTest;

  beforeAll(async () => {
    app = await AppUnderTest.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  beforeEach(async () => {
    await runSql(app.databaseUrl, 'TRUNCATE usage_hourly');
  });

  const count = (fields: object): Promise<void> =>
    insertHour(app.databaseUrl, { hour: hourOf(0), channel_id: 1, key_id: 1, ...fields });

  function stats(query: string): Promise<AdminAnswer<Stats>> {
    return app.admin.get<Stats>(`/api/stats?${query}`);
  }

  async function rows(query: string): Promise<readonly Row[]> {
    return (await stats(`${TWO_DAYS}&${query}`)).data.items;
  }

  /** A channel with two keys that were imported together. */
  async function createChannel(name: string): Promise<{ id: number; keyIds: number[]; batch: string }> {
    const id = await app.admin.createChannel({ baseUrl: 'http://127.0.0.1:9', name, keys: someKeys(2) });
    const keys = await app.admin.listKeys(id);
    return { id, keyIds: keys.map(({ key_id }) => key_id), batch: keys[0]?.import_batch ?? '' };
  }

  it('are empty while nothing was counted', async () => {
    for (const group of ['channel', 'key', 'token', 'model', 'batch']) {
      expect(await rows(`group_by=${group}&channel_id=987654`)).toEqual([]);
    }
  });

  it('add up every count of a group', async () => {
    const counts = {
      requests: 3,
      attempts: 10,
      ok: 1,
      rate_limited: 2,
      exhausted: 3,
      refused: 4,
      upstream_errors: 5,
      other_errors: 6,
      prompt_tokens: 7,
      completion_tokens: 8,
      cached_tokens: 9,
    };
    await count({ ...counts, duration_ms: 100 });
    await count({ ...counts, duration_ms: 200, hour: hourOf(1), key_id: 2, token_id: 2 });
    const doubled = Object.fromEntries(Object.entries(counts).map(([name, value]) => [name, 2 * value]));
    expect(await rows('group_by=model')).toEqual([{ model: 'gpt-4o', ...doubled, mean_duration_ms: 50, at: null }]);
  });

  it('name channels, keys and tokens, also those that were deleted', async () => {
    const { id, keyIds, batch } = await createChannel('poor man');
    const [key_id] = keyIds;
    const token = await app.admin.post<{ id: number }>('/api/token', { name: 'my-app' });
    await count({ channel_id: id, key_id, token_id: token.data.id, requests: 1 });
    const of = `channel_id=${id}`;
    const base = { ...NOTHING, requests: 1, mean_duration_ms: 0 };
    const [key = ''] = someKeys(1);
    const mask = `${key.slice(0, 7)}...${key.slice(-4)}`;
    const named = { ...base, channel_id: id, key_id, key_index: 0, key: mask, batch_id: batch };
    expect(await rows(`group_by=key&${of}`)).toEqual([{ ...named, status: 1, deleted: false }]);
    await app.admin.post('/api/channel/keys/delete', { channel_id: id, key_indices: [0] });
    expect(await rows(`group_by=key&${of}`)).toEqual([{ ...named, status: null, deleted: true }]);
    expect(await rows(`group_by=token&${of}`)).toEqual([{ ...base, token_id: token.data.id, token_name: 'my-app' }]);
    await app.admin.call('DELETE', `/api/channel/${id}`);
    await app.admin.call('DELETE', `/api/token/${token.data.id}`);
    expect(await rows(`group_by=channel&${of}`)).toEqual([{ ...base, channel_id: id, channel_name: 'poor man' }]);
    expect(await rows(`group_by=token&${of}`)).toEqual([{ ...base, token_id: token.data.id, token_name: null }]);
  });

  it('show what came to no attempt under the number 0', async () => {
    await count({ channel_id: 0, key_id: 0, requests: 2 });
    expect(await rows('group_by=key')).toMatchObject([{ channel_id: 0, key_id: 0, key: null, requests: 2 }]);
    expect(await rows('group_by=channel')).toMatchObject([{ channel_id: 0, channel_name: null, requests: 2 }]);
  });

  it('name the keys that met the most rate limits', async () => {
    await count({ key_id: 1, requests: 100, rate_limited: 2 });
    await count({ key_id: 2, requests: 1, rate_limited: 30 });
    await count({ key_id: 3, requests: 1, rate_limited: 4 });
    await count({ key_id: 3, requests: 1, rate_limited: 5, hour: hourOf(3) });
    const worst = await rows('group_by=key&order_by=rate_limited&limit=2');
    expect(worst.map(({ key_id, rate_limited }) => [key_id, rate_limited])).toEqual([
      [2, 30],
      [3, 9],
    ]);
  });

  it.each([
    ['requests', { requests: 5 }],
    ['attempts', { attempts: 5 }],
    ['exhausted', { exhausted: 5 }],
    ['refused', { refused: 5 }],
    ['upstream_errors', { upstream_errors: 5 }],
    ['other_errors', { other_errors: 5 }],
    ['prompt_tokens', { prompt_tokens: 5 }],
    ['tokens', { completion_tokens: 5 }],
    ['mean_duration_ms', { requests: 1, duration_ms: 500 }],
  ])('can be ordered by %s', async (order, most) => {
    await count({ model: 'a', requests: 2, prompt_tokens: 1, attempts: 1, duration_ms: 1 });
    await count({ model: 'b', ...most });
    await count({ model: 'c' });
    expect((await rows(`group_by=model&order_by=${order}`)).at(0)).toMatchObject({ model: 'b' });
  });

  it('are split into hours or days, the groups in their order and each in the order of time', async () => {
    await count({ model: 'a', requests: 1, hour: hourOf(1) });
    await count({ model: 'b', requests: 5, hour: hourOf(30) });
    await count({ model: 'b', requests: 2, hour: hourOf(2) });
    await count({ model: 'b', requests: 1, hour: hourOf(1), key_id: 2 });
    await count({ model: 'c', requests: 3 });
    const shown = async (interval: string): Promise<unknown[]> =>
      (await rows(`group_by=model&limit=2&interval=${interval}`)).map(({ model, at, requests }) => [
        model,
        (Number(at) - MIDNIGHT) / HOUR_SECONDS,
        requests,
      ]);
    expect(await shown('hour')).toEqual([
      ['b', 1, 1],
      ['b', 2, 2],
      ['b', 30, 5],
      ['c', 0, 3],
    ]);
    expect(await shown('day')).toEqual([
      ['b', 0, 3],
      ['b', 24, 5],
      ['c', 0, 3],
    ]);
  });

  it('count whole hours: the one in which the time begins, and the one that its end cuts', async () => {
    for (const hour of [0, 1, 2, 3]) await count({ hour: hourOf(hour), requests: 10 ** hour });
    const query = `from=${MIDNIGHT + 1.5 * HOUR_SECONDS}&to=${MIDNIGHT + 2.5 * HOUR_SECONDS}`;
    const { data } = await stats(`group_by=model&${query}`);
    expect(data).toMatchObject({
      from: MIDNIGHT + HOUR_SECONDS,
      to: MIDNIGHT + 3 * HOUR_SECONDS,
      items: [{ requests: 110 }],
    });
  });

  it('count the last 24 hours unless told otherwise', async () => {
    const nowHour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
    await count({ hour: new Date(nowHour), requests: 1 });
    await count({ hour: new Date(nowHour - 23 * 3_600_000), requests: 10 });
    await count({ hour: new Date(nowHour - 30 * 3_600_000), requests: 100 });
    expect((await stats('group_by=model')).data.items).toMatchObject([{ requests: 11 }]);
  });

  it('are cut at 10,000 rows, and say so', async () => {
    await runSql(
      app.databaseUrl,
      `INSERT INTO usage_hourly (hour, channel_id, key_id, token_id, model, requests, attempts, ok, rate_limited, exhausted,
         refused, upstream_errors, other_errors, prompt_tokens, completion_tokens, cached_tokens, duration_ms)
       SELECT to_timestamp($1 + hour * 3600), 1, 1, token, 'm', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 9
       FROM generate_series(0, 47) AS hour, generate_series(1, 250) AS token`,
      [MIDNIGHT],
    );
    const { data } = await stats(`${TWO_DAYS}&group_by=token&interval=hour&limit=1000`);
    expect(data.items).toHaveLength(10_000);
    expect(data.truncated).toBe(true);
    expect((await stats(`${TWO_DAYS}&group_by=token&limit=1000`)).data).not.toHaveProperty('truncated');
  });

  it.each([
    ['', 'group_by'],
    ['group_by=user', 'group_by'],
    ['group_by=key&interval=minute', 'interval'],
    ['group_by=key&order_by=key', 'order_by'],
    ['group_by=key&limit=1001', 'limit'],
    ['group_by=key&from=x', 'from'],
    ['group_by=key&to=-1', 'to'],
    ['group_by=key&channel_id=0', 'channel_id'],
    ['group_by=key&page=1', 'page'],
  ])('are refused for the query "%s"', async (query, field) => {
    const answer = await stats(query);
    expect(answer).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
    expect(answer.errors?.[0]?.field).toBe(field);
  });
});
