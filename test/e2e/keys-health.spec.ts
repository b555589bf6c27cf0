import type { AdminAnswer } from '../support/admin-client';
import { eventually } from '../support/eventually';
import { replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { RelayScene, tally } from '../support/relay-scene';

interface HealthOfKey {
  readonly index: number;
  readonly key: string;
  readonly status: number;
  readonly state: string;
  readonly usage: number;
  readonly last_used: number;
  readonly health_score: number;
  readonly requests_last_hour: number;
  readonly failures_last_hour: number;
  readonly mean_latency_ms: number | null;
}

interface KeysHealth {
  readonly total_keys: number;
  readonly enabled_keys: number;
  readonly disabled_keys: number;
  readonly manually_disabled_keys: number;
  readonly auto_disabled_keys: number;
  readonly cooling_keys: number;
  readonly healthy_ratio: number;
  readonly overall_health: string;
  readonly keys_health: readonly HealthOfKey[];
  readonly truncated?: boolean;
}

describe('GET /api/channel/{id}/keys/health', () => {
  let scene: RelayScene;

  beforeAll(async () => {
    scene = await RelayScene.start({ RELAY_RETRY_PERCENT: '0', KEY_AUTO_PROBE: 'false' });
  });

  beforeEach(() => {
    scene.upstream.reset();
  });

  afterAll(() => scene.stop());

  function ask(channelId: number | undefined, query = ''): Promise<AdminAnswer<KeysHealth>> {
    return scene.app.admin.get<KeysHealth>(`/api/channel/${channelId}/keys/health${query}`);
  }

  async function healthOf(channelId: number | undefined): Promise<KeysHealth> {
    const { status, data } = await ask(channelId);
    expect(status).toBe(200);
    return data;
  }

  function toggle(channelId: number | undefined, index: number, enabled: boolean): Promise<AdminAnswer> {
    return scene.app.admin.post('/api/channel/keys/toggle', { channel_id: channelId, key_index: index, enabled });
  }

  it('shows the stats and every key, masked, in the order of their indices', async () => {
    const keys = someKeys(5);
    const { channelIds } = await scene.serve({ keys, name: 'five keys' });
    await toggle(channelIds[0], 2, false);
    const answer = await ask(channelIds[0]);
    const stats = await scene.app.admin.get(`/api/channel/${channelIds[0]}/keys/stats`);
    expect(answer.data).toMatchObject({
      ...stats.data,
      channel_id: channelIds[0],
      channel_name: 'five keys',
      healthy_ratio: 0.8,
      overall_health: 'excellent',
    });
    const fresh = { usage: 0, last_used: 0, requests_last_hour: 0, failures_last_hour: 0, mean_latency_ms: null };
    const active = { ...fresh, status: 1, status_text: '已启用', state: 'active', health_score: 100 };
    const manual = { ...fresh, status: 2, status_text: '手动禁用', state: 'manual', health_score: 0 };
    const masked = (await scene.app.admin.listKeys(channelIds[0] ?? 0)).map(({ key }) => key);
    expect(answer.data.keys_health).toEqual(
      masked.map((key, index) => ({ index, key, ...(index === 2 ? manual : active) })),
    );
    expect(Object.keys(answer.data)).not.toContain('truncated');
    for (const key of keys) expect(JSON.stringify(answer.data)).not.toContain(key);
  });

  it('rates the channel by the share of keys that are usable', async () => {
    const { channelIds } = await scene.serve({ keys: someKeys(5) });
    const seen: unknown[] = [];
    for (let off = 0; off <= 5; off++) {
      if (off > 0) await toggle(channelIds[0], off - 1, false);
      const { healthy_ratio, overall_health } = await healthOf(channelIds[0]);
      seen.push([healthy_ratio, overall_health]);
    }
    expect(seen).toEqual([
      [1, 'excellent'],
      [0.8, 'excellent'],
      [0.6, 'good'],
      [0.4, 'fair'],
      [0.2, 'poor'],
      [0, 'critical'],
    ]);
  });

  it('rounds the share to four digits', async () => {
    const { channelIds } = await scene.serve({ keys: someKeys(3) });
    await toggle(channelIds[0], 0, false);
    expect(await healthOf(channelIds[0])).toMatchObject({ healthy_ratio: 0.6667, overall_health: 'good' });
  });

  it('is critical without keys', async () => {
    const { channelIds } = await scene.serve({});
    expect(await healthOf(channelIds[0])).toMatchObject({
      total_keys: 0,
      healthy_ratio: 0,
      overall_health: 'critical',
      keys_health: [],
    });
  });

  it('measures requests, failures and latency of each key', async () => {
    const keys = someKeys(3);
    const { relay, channelIds } = await scene.serve({ keys });
    scene.upstream.answerKey(keys[1] ?? '', replies.status(500), replies.after(400, replies.normal()));
    for (let i = 0; i < 9; i++) await relay.chat();
    const { keys_health } = await healthOf(channelIds[0]);
    expect(keys_health.map((key) => key.requests_last_hour)).toEqual(tally(keys, scene.upstream.keysUsed()));
    expect(keys_health.map((key) => key.failures_last_hour)).toEqual([0, 1, 0]);
    const [good, failed] = keys_health;
    expect(failed?.mean_latency_ms).toBeGreaterThanOrEqual(390);
    expect(good?.mean_latency_ms).toBeGreaterThanOrEqual(0);
    // Two successes and a failure: three quarters at most, less if the machine was slow.
    expect(failed?.health_score).toBeGreaterThan(0);
    expect(failed?.health_score).toBeLessThanOrEqual(75);
    await eventually(async () => {
      const counted = (await healthOf(channelIds[0])).keys_health;
      expect(counted.map(({ usage }) => usage)).toEqual(tally(keys, scene.upstream.keysUsed()));
      expect(counted.every(({ last_used }) => last_used > 0)).toBe(true);
    });
  });

  it('knows at once what traffic did to keys, also what is never stored', async () => {
    const { relay, channelIds } = await scene.serve({ keys: someKeys(1) });
    scene.upstream.answer(replies.status(429, { headers: { 'retry-after': '9' } }));
    await relay.chat({ model: 'one' });
    const forOneModel = await healthOf(channelIds[0]);
    expect(forOneModel).toMatchObject({ cooling_keys: 1, healthy_ratio: 1, keys_health: [{ state: 'cooling' }] });
    await relay.chat({ model: 'another' });
    const forAll = await healthOf(channelIds[0]);
    expect(forAll).toMatchObject({ enabled_keys: 1, cooling_keys: 1, healthy_ratio: 0, overall_health: 'critical' });
    expect(forAll.keys_health).toMatchObject([{ status: 1, state: 'cooling', failures_last_hour: 2 }]);
  });

  it('counts a key under suspicion as enabled but not as usable, and gives one that is off no score', async () => {
    const keys = someKeys(4);
    const { relay, channelIds } = await scene.serve({ keys });
    scene.upstream.killKey(keys[1] ?? '');
    scene.upstream.answerKey(keys[2] ?? '', replies.status(402));
    for (let i = 0; i < 4; i++) expect((await relay.chat()).status).toBe(200);
    await eventually(async () => {
      const health = await healthOf(channelIds[0]);
      expect(health).toMatchObject({ enabled_keys: 3, disabled_keys: 1, auto_disabled_keys: 1, healthy_ratio: 0.5 });
      expect(health.keys_health.map(({ state, status }) => [state, status])).toEqual([
        ['active', 1],
        ['suspect', 1],
        ['exhausted', 3],
        ['active', 1],
      ]);
      const scores = health.keys_health.map(({ health_score }) => health_score);
      expect(scores[1]).toBe(50);
      expect(scores[2]).toBe(0);
    });
  });

  it('adds up', async () => {
    const keys = someKeys(6);
    const { relay, channelIds } = await scene.serve({ keys });
    await toggle(channelIds[0], 0, false);
    scene.upstream.answerKey(keys[1] ?? '', replies.status(402));
    scene.upstream.answerKey(keys[2] ?? '', replies.status(429, { headers: { 'retry-after': '60' } }));
    for (let i = 0; i < 6; i++) await relay.chat();
    await eventually(async () => {
      const { keys_health, ...health } = await healthOf(channelIds[0]);
      const count = (status: number): number => keys_health.filter((key) => key.status === status).length;
      expect([count(1), count(2), count(3)]).toEqual([4, 1, 1]);
      expect([health.enabled_keys, health.manually_disabled_keys, health.auto_disabled_keys]).toEqual([4, 1, 1]);
      expect([health.total_keys, health.disabled_keys]).toEqual([6, 2]);
      expect(health.cooling_keys).toBe(keys_health.filter(({ state }) => state === 'cooling').length);
    });
  });

  it('shows pages', async () => {
    const { channelIds } = await scene.serve({ keys: someKeys(5) });
    const page = async (query: string): Promise<[number[], object]> => {
      const { keys_health, ...rest } = (await ask(channelIds[0], query)).data;
      return [keys_health.map(({ index }) => index), rest];
    };
    const [second, shown] = await page('?page=2&page_size=2');
    expect(second).toEqual([2, 3]);
    expect(shown).toMatchObject({ total: 5, page: 2, page_size: 2, total_keys: 5 });
    expect((await page('?page=3&page_size=2'))[0]).toEqual([4]);
    expect((await page('?page=4&page_size=2'))[0]).toEqual([]);
    expect((await page('?page=1'))[0]).toHaveLength(5);
  });

  it('lists at most 10,000 keys at a time', async () => {
    const { channelIds } = await scene.serve({ is_multi_key: true });
    const body = { channel_id: channelIds[0], keys: someKeys(10_001), mode: 0 };
    expect((await scene.app.admin.post('/api/channel/keys/import', body)).status).toBe(200);
    const { keys_health, truncated, total_keys } = await healthOf(channelIds[0]);
    expect([keys_health.length, truncated, total_keys]).toEqual([10_000, true, 10_001]);
  });

  it('shows what is stored of a channel that is not in memory', async () => {
    const other = await RelayScene.start({ KEY_AUTO_PROBE: 'false' });
    try {
      const keys = someKeys(4);
      const { relay, channelIds } = await other.serve({ keys });
      other.upstream.answerKey(keys[0] ?? '', replies.status(402));
      await relay.chat();
      await other.app.admin.post('/api/channel/keys/toggle', {
        channel_id: channelIds[0],
        key_index: 1,
        enabled: false,
      });
      await other.app.admin.call('PUT', `/api/channel/${channelIds[0]}`, { status: 2 });
      await other.app.restart();
      const { data } = await other.app.admin.get<KeysHealth>(`/api/channel/${channelIds[0]}/keys/health`);
      expect(data).toMatchObject({ total_keys: 4, enabled_keys: 2, healthy_ratio: 0.5, overall_health: 'fair' });
      expect(data.keys_health.map(({ state }) => state)).toEqual(['exhausted', 'manual', 'active', 'active']);
      expect(data.keys_health.map(({ health_score }) => health_score)).toEqual([0, 0, 100, 100]);
    } finally {
      await other.stop();
    }
  });

  it('is refused for a channel that is not there', async () => {
    expect(await ask(987_654)).toMatchObject({ status: 404, code: 'CHANNEL_NOT_FOUND' });
  });

  it.each([
    ['page=0', 'page'],
    ['page_size=1001', 'page_size'],
    ['status=1', 'status'],
  ])('is refused for the query %s', async (query, field) => {
    const { channelIds } = await scene.serve({ keys: someKeys(1) });
    expect(await ask(channelIds[0], `?${query}`)).toMatchObject({ status: 400, errors: [{ field }] });
  });
});
