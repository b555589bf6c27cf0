import { AppUnderTest } from '../support/app-under-test';
import { runSql } from '../support/database-rows';
import { someKeys } from '../support/keys';
import { insertHour, NO_COUNTS } from '../support/usage-rows';

const HOUR_SECONDS = 3_600;
/** Unix seconds at which a day began; recent, so that nothing comes of age meanwhile. */
const MIDNIGHT = (Math.floor(Date.now() / 86_400_000) - 3) * 86_400;
const hourOf = (hour: number): Date => new Date((MIDNIGHT + hour * HOUR_SECONDS) * 1000);

const NOTHING = { ...NO_COUNTS, mean_duration_ms: null, at: null };

describe('the statistics of an import batch', () => {
  let app: AppUnderTest;

  beforeAll(async () => {
    app = await AppUnderTest.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  const count = (fields: object): Promise<void> => insertHour(app.databaseUrl, { hour: hourOf(0), ...fields });

  async function rows(channelId: number, query = ''): Promise<readonly object[]> {
    const of = `channel_id=${channelId}&from=${MIDNIGHT}&to=${MIDNIGHT + 24 * HOUR_SECONDS}`;
    return (await app.admin.get<{ items: object[] }>(`/api/stats?group_by=batch&${of}${query}`)).data.items;
  }

  /** A channel with two keys that were imported together. */
  async function createChannel(): Promise<{ id: number; keyIds: number[]; batch: string }> {
    const id = await app.admin.createChannel({ baseUrl: 'http://127.0.0.1:9', keys: someKeys(2) });
    const keys = await app.admin.listKeys(id);
    return { id, keyIds: keys.map(({ key_id }) => key_id), batch: keys[0]?.import_batch ?? '' };
  }

  it('say what became of its keys, and what they met', async () => {
    const { id, keyIds, batch } = await createChannel();
    const [first, second] = keyIds;
    await app.admin.post('/api/channel/keys/import', { channel_id: id, mode: 1, keys: someKeys(2, 2) });
    const later = (await app.admin.listKeys(id)).slice(2);
    await count({ channel_id: id, key_id: first, requests: 5, attempts: 6, ok: 5, rate_limited: 1 });
    await count({ channel_id: id, key_id: second, attempts: 2, refused: 2 });
    await app.admin.post('/api/channel/keys/delete', { channel_id: id, key_indices: [1] });
    await app.admin.post('/api/channel/keys/toggle', { channel_id: id, key_index: 2, enabled: false });
    await runSql(app.databaseUrl, `UPDATE channel_keys SET status = 3, state = 'dead' WHERE id = $1`, [
      later[1]?.key_id,
    ]);
    expect(await rows(id)).toEqual([
      {
        ...NOTHING,
        channel_id: id,
        batch_id: batch,
        keys: 2,
        enabled_keys: 1,
        manually_disabled_keys: 0,
        auto_disabled_keys: 0,
        deleted_keys: 1,
        survival: 0.5,
        requests: 5,
        attempts: 8,
        ok: 5,
        rate_limited: 1,
        refused: 2,
        mean_duration_ms: 0,
      },
      {
        ...NOTHING,
        channel_id: id,
        batch_id: later[0]?.import_batch,
        keys: 2,
        enabled_keys: 0,
        manually_disabled_keys: 1,
        auto_disabled_keys: 1,
        deleted_keys: 0,
        survival: 0,
      },
    ]);
  });

  it('say when its keys did what, and leave out one whose keys did nothing', async () => {
    const { id, keyIds, batch } = await createChannel();
    await app.admin.post('/api/channel/keys/import', { channel_id: id, mode: 1, keys: someKeys(2, 2) });
    for (const hour of [3, 1]) await count({ hour: hourOf(hour), channel_id: id, key_id: keyIds[0], requests: hour });
    expect(await rows(id, '&interval=hour')).toMatchObject([
      { batch_id: batch, at: MIDNIGHT + HOUR_SECONDS, requests: 1, keys: 2 },
      { batch_id: batch, at: MIDNIGHT + 3 * HOUR_SECONDS, requests: 3, keys: 2 },
    ]);
  });
});
