import type { AdminAnswer } from '../support/admin-client';
import { AppUnderTest } from '../support/app-under-test';
import { runSql } from '../support/database-rows';
import { eventually } from '../support/eventually';
import { FakeUpstream } from '../support/fake-upstream';
import { replies } from '../support/fake-upstream-replies';
import { aKey, someKeys } from '../support/keys';

interface TestJob {
  readonly job_id: string;
  readonly state: string;
  readonly total: number;
  readonly done: number;
  readonly started_at: number;
  readonly finished_at: number | null;
  readonly problems: readonly object[];
}

const NO_QUOTA = replies.status(429, { type: 'insufficient_quota', code: 'insufficient_quota' });

describe('probes that an admin asks for', () => {
  let app: AppUnderTest;
  let upstream: FakeUpstream;
  let channelId: number;

  beforeAll(async () => {
    // Nothing is probed but what a test asks for, and that quickly.
    const settings = { KEY_AUTO_PROBE: 'false', KEY_PROBES_PER_SECOND: '100' };
    [app, upstream] = await Promise.all([AppUnderTest.start(settings), FakeUpstream.start()]);
  });

  beforeEach(async () => {
    upstream.reset();
    channelId = await app.admin.createChannel({ baseUrl: upstream.baseUrl, keys: someKeys(5), models: ['gpt-4o'] });
  });

  afterAll(async () => {
    await app.stop();
    await upstream.stop();
  });

  async function statusOf(index: number): Promise<number | undefined> {
    return (await app.admin.listKeys(channelId))[index]?.status;
  }

  async function statesOf(id = channelId): Promise<unknown[]> {
    const rows = await runSql(
      app.databaseUrl,
      'SELECT state FROM channel_keys WHERE channel_id = $1 AND deleted_at IS NULL ORDER BY position',
      [id],
    );
    return rows.map(({ state }) => state);
  }

  /** Lets a test with `apply` find the key as the upstream says it is. */
  async function findOut(index: number): Promise<void> {
    const body = { key_index: index, model: 'gpt-4o', apply: true };
    const { data } = await app.admin.post<{ applied: boolean }>(`/api/channel/${channelId}/test`, body);
    expect(data.applied).toBe(true);
  }

  describe('POST /api/channel/keys/retry', () => {
    const retry = (index: number): Promise<AdminAnswer> =>
      app.admin.post('/api/channel/keys/retry', { channel_id: channelId, key_index: index });

    it('enables a dead key that its upstream accepts again', async () => {
      upstream.killKey(aKey(2));
      await findOut(2);
      expect(await statusOf(2)).toBe(3);
      upstream.reviveKey(aKey(2));
      const data = { key_index: 2, http_status: 200, latency_ms: expect.any(Number) as number };
      expect(await retry(2)).toMatchObject({ status: 200, message: 'Key enabled and ready for retry', data });
      expect(await statesOf()).toEqual(['active', 'active', 'active', 'active', 'active']);
    });

    it('enables a key that was switched off by hand: the admin asked for it', async () => {
      await app.admin.post('/api/channel/keys/toggle', { channel_id: channelId, key_index: 1, enabled: false });
      expect((await retry(1)).status).toBe(200);
      expect(await statusOf(1)).toBe(1);
    });

    it('says why a key is still refused, and when it is tried again', async () => {
      upstream.killKey(aKey(3));
      const answer = await retry(3);
      expect(answer).toMatchObject({
        status: 409,
        code: 'KEY_STILL_FAILING',
        message: expect.stringContaining(' was tried and not accepted (invalid_api_key); ') as string,
        data: {
          verdict: 'KEY_DEAD',
          code: 'invalid_api_key',
          message: expect.stringMatching(/^Incorrect API key provided/) as string,
          http_status: 401,
          next_probe_at: expect.any(Number) as number,
          cooling_until: null,
        },
      });
      expect(JSON.stringify(answer)).not.toContain(aKey(3));
      expect(await statesOf()).toEqual(['active', 'active', 'active', 'dead', 'active']);
    });

    it('leaves a key off that was switched off by hand and is refused', async () => {
      upstream.killKey(aKey(1));
      await app.admin.post('/api/channel/keys/toggle', { channel_id: channelId, key_index: 1, enabled: false });
      expect(await retry(1)).toMatchObject({ status: 409, data: { verdict: 'KEY_DEAD', next_probe_at: null } });
      expect(await statusOf(1)).toBe(2);
    });

    it('does not take a list of models for a quota that is back', async () => {
      upstream.answerKey(aKey(0), NO_QUOTA);
      await findOut(0);
      expect((await statesOf())[0]).toBe('exhausted');
      upstream.answerKey(aKey(0), (exchange) =>
        exchange.entry.method === 'POST' ? NO_QUOTA(exchange) : replies.normal()(exchange),
      );
      expect(await retry(0)).toMatchObject({ status: 409, data: { verdict: 'KEY_EXHAUSTED' } });
      upstream.reset();
      expect((await retry(0)).status).toBe(200);
    });

    it('keeps a key as it is when the upstream is in trouble', async () => {
      upstream.answer(replies.html(502));
      const { message, data } = await retry(0);
      expect(message).toMatch(/^Key 0 of channel \d+ could not be tried: http_502; /);
      expect(data).toMatchObject({ verdict: 'CHANNEL', http_status: 502, cooling_until: null });
      expect(await statusOf(0)).toBe(1);
    });

    it('says how long a rate limited key rests', async () => {
      upstream.answerKey(aKey(0), replies.status(429, { headers: { 'retry-after': '600' } }));
      expect(await retry(0)).toMatchObject({
        data: { verdict: 'KEY_RATE', cooling_until: expect.any(Number) as number },
      });
    });

    it('takes no key out of a channel that settles that for itself', async () => {
      await app.admin.call('PUT', `/api/channel/${channelId}`, { settings: { auto_disable: false } });
      upstream.killKey(aKey(0));
      expect((await retry(0)).status).toBe(409);
      expect(await statusOf(0)).toBe(1);
    });

    it('refuses an unknown channel, key or field', async () => {
      const path = '/api/channel/keys/retry';
      expect(await app.admin.post(path, { channel_id: 999_999, key_index: 0 })).toMatchObject({ status: 404 });
      expect(await retry(99)).toMatchObject({ status: 404, code: 'KEY_NOT_FOUND' });
      expect(await app.admin.post(path, { channel_id: channelId })).toMatchObject({ status: 400 });
    });
  });

  describe('POST /api/channel/{id}/keys/test', () => {
    const start = (body: object): Promise<AdminAnswer<TestJob>> =>
      app.admin.post<TestJob>(`/api/channel/${channelId}/keys/test`, body);
    const show = (jobId: string, method = 'GET'): Promise<AdminAnswer<TestJob>> =>
      app.admin.call<TestJob>(method, `/api/channel/${channelId}/keys/test/${jobId}`);

    async function tested(body: object): Promise<TestJob> {
      const { job_id } = (await start(body)).data;
      await eventually(async () => {
        expect((await show(job_id)).data.state).not.toBe('running');
      });
      return (await show(job_id)).data;
    }

    it('tries every key and tells what was found, without changing or showing a key', async () => {
      upstream.killKey(aKey(1));
      upstream.answerKey(aKey(2), NO_QUOTA);
      upstream.answerKey(aKey(3), replies.status(429));
      upstream.answerKey(aKey(4), replies.html(502));
      const job = await tested({});
      expect(job).toMatchObject({
        state: 'done',
        total: 5,
        done: 5,
        alive: 1,
        dead: 1,
        exhausted: 1,
        rate_limited: 1,
        ambiguous: 0,
        failed: 1,
      });
      expect(job.finished_at).toBeGreaterThanOrEqual(job.started_at);
      const byIndex = [...(job.problems as { index: number }[])].sort((one, other) => one.index - other.index);
      expect(byIndex).toMatchObject([
        { index: 1, verdict: 'KEY_DEAD', code: 'invalid_api_key', http_status: 401 },
        { index: 2, verdict: 'KEY_EXHAUSTED', code: 'insufficient_quota', http_status: 429 },
        { index: 3, verdict: 'KEY_RATE', http_status: 429 },
        { index: 4, verdict: 'CHANNEL', http_status: 502 },
      ]);
      for (const key of someKeys(5)) expect(JSON.stringify(job)).not.toContain(key);
      expect(new Set(await statesOf())).toEqual(new Set(['active']));
    });

    it('lets what was found count when told to, and brings keys back', async () => {
      upstream.killKey(aKey(1));
      upstream.killKey(aKey(2));
      expect(await tested({ apply: true })).toMatchObject({ alive: 3, dead: 2 });
      expect(await statesOf()).toEqual(['active', 'dead', 'dead', 'active', 'active']);
      upstream.reviveKey(aKey(1));
      expect(await tested({ status: 3, code: 'invalid_api_key', apply: true })).toMatchObject({ total: 2, alive: 1 });
      expect(await statesOf()).toEqual(['active', 'active', 'dead', 'active', 'active']);
    });

    it('tries only the keys that are meant, and calls when told to', async () => {
      expect(await tested({ key_indices: [0, 4, 77], depth: 'call' })).toMatchObject({ total: 2, alive: 2 });
      expect(upstream.probes.map(({ method }) => method)).toEqual(['POST', 'POST']);
      expect(upstream.probes.map(({ key }) => key).sort()).toEqual([aKey(0), aKey(4)]);
      expect(await tested({ batch_id: 'batch_1' })).toMatchObject({ state: 'done', total: 0 });
    });

    it('runs one test a channel, which can be ended', async () => {
      upstream.answer(replies.hang());
      const { job_id } = (await start({})).data;
      expect(await start({})).toMatchObject({ status: 409, code: 'TEST_ALREADY_RUNNING', data: { job_id } });
      expect((await show(job_id)).data).toMatchObject({ state: 'running', done: 0, finished_at: null });
      expect((await show(job_id, 'DELETE')).data.state).toBe('cancelled');
      upstream.reset();
      expect((await show(job_id)).data).toMatchObject({ state: 'cancelled', done: 0 });
      expect((await start({ key_indices: [0] })).status).toBe(200);
    });

    it('keeps to the limit of probes a second', async () => {
      const keys = someKeys(40, 100);
      const id = await app.admin.createChannel({ baseUrl: upstream.baseUrl, keys });
      await app.admin.post(`/api/channel/${id}/keys/test`, {});
      const times = (): number[] => upstream.probes.filter(({ key }) => keys.includes(key ?? '')).map(({ at }) => at);
      await eventually(() => {
        expect(times()).toHaveLength(40);
      });
      // 100 a second: 39 gaps of 10 ms, however long the machine takes for more.
      expect(Math.max(...times()) - Math.min(...times())).toBeGreaterThan(300);
    });

    it('knows the last tests, 20 at most, each only under its own channel', async () => {
      const jobIds: string[] = [];
      for (let round = 0; round < 21; round++) jobIds.push((await tested({ batch_id: 'batch_1' })).job_id);
      const [first = '', last = ''] = [jobIds.at(0), jobIds.at(-1)];
      expect(await show(first)).toMatchObject({ status: 404, code: 'TEST_NOT_FOUND' });
      expect(await show(last)).toMatchObject({ status: 200 });
      expect(await app.admin.get(`/api/channel/${channelId + 1}/keys/test/${last}`)).toMatchObject({ status: 404 });
    });

    it('refuses an unknown channel or field', async () => {
      expect(await app.admin.post('/api/channel/999999/keys/test', {})).toMatchObject({ code: 'CHANNEL_NOT_FOUND' });
      for (const body of [{ depth: 'deep' }, { status: 9 }, { key_indices: [] }, { keys: 1 }]) {
        expect(await start(body)).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
      }
    });
  });
});
