import { BatchWriter } from '../../src/usage/flush/batch-writer';
import { type FlushingInstance, FlushScene } from '../support/flush-scene';
import { aRecord, anAttempt, someRecords } from '../support/request-records';
import { aSegment } from '../support/segments-in-memory';

const OCTOBER_MS = Date.UTC(2026, 9, 31, 23, 30);
const NOVEMBER_MS = Date.UTC(2026, 10, 1, 0, 30);

describe(BatchWriter, () => {
  let scene: FlushScene;
  let instance: FlushingInstance;

  beforeEach(async () => {
    scene = await FlushScene.start();
    instance = await scene.open();
  });

  afterEach(async () => {
    await scene.stop();
  });

  const all = (requests: number): number[] => Array<number>(4).fill(requests);

  it('writes a row of the log with all that is known of the request', async () => {
    await scene.query(`INSERT INTO tokens (id, name, hash, last4) VALUES (7, 'mine', '\\x00', 'abcd')`);
    const failed = anAttempt({ keyId: 3, keyIndex: 2, status: 429, verdict: 'KEY_RATE', durationMs: 7.4 });
    const record = aRecord({ attempts: [failed, anAttempt()] });
    await instance.flush(aSegment([record, aRecord({ tokenId: 8, usage: null, modelSent: null, ttftMs: null })]));
    const rows = await scene.query(`SELECT * FROM request_logs ORDER BY id`);
    expect(rows[0]).toEqual({
      id: '1',
      request_id: record.requestId,
      created_at: new Date(OCTOBER_MS),
      token_id: '7',
      token_name: 'mine',
      channel_id: '1',
      key_id: '11',
      key_index: 0,
      model: 'small',
      model_sent: 'small-2',
      path: '/v1/chat/completions',
      stream: false,
      status: 200,
      end_reason: 'done',
      prompt_tokens: '10',
      completion_tokens: '5',
      cached_tokens: null,
      is_estimated: false,
      duration_ms: 120,
      ttft_ms: 40,
      attempts: [
        { channel_id: 1, key_id: 3, key_index: 2, status: 429, verdict: 'KEY_RATE', duration_ms: 7 },
        { channel_id: 1, key_id: 11, key_index: 0, status: 200, verdict: null, duration_ms: 100 },
      ],
    });
    expect(rows[1]).toMatchObject({ token_name: null, prompt_tokens: null, model_sent: null, ttft_ms: null });
  });

  it('adds to the counts of keys, hours and tokens what requests used', async () => {
    const failed = anAttempt({ keyId: 3, status: 429, verdict: 'KEY_RATE', startedAtMs: OCTOBER_MS - 1 });
    await instance.flush(
      aSegment([aRecord({ attempts: [failed, anAttempt()] }), aRecord()]),
      aSegment([aRecord({ startedAtMs: NOVEMBER_MS }), aRecord({ attempts: [] })]),
    );
    expect(
      await scene.query(
        `SELECT id::int, usage::int, tokens::int, last_used FROM channel_keys WHERE usage > 0 ORDER BY id`,
      ),
    ).toEqual([
      { id: 3, usage: 1, tokens: 0, last_used: new Date(OCTOBER_MS - 1) },
      { id: 11, usage: 3, tokens: 45, last_used: new Date(OCTOBER_MS) },
    ]);
    expect(
      await scene.query(
        `SELECT extract(day FROM hour AT TIME ZONE 'UTC')::int AS day, key_id::int AS key, requests::int, attempts::int,
                ok::int, rate_limited::int, prompt_tokens::int, duration_ms::int FROM usage_hourly ORDER BY hour, key_id`,
      ),
    ).toEqual([
      { day: 31, key: 0, requests: 1, attempts: 0, ok: 0, rate_limited: 0, prompt_tokens: 10, duration_ms: 120 },
      { day: 31, key: 3, requests: 0, attempts: 1, ok: 0, rate_limited: 1, prompt_tokens: 0, duration_ms: 0 },
      { day: 31, key: 11, requests: 2, attempts: 2, ok: 2, rate_limited: 0, prompt_tokens: 20, duration_ms: 240 },
      { day: 1, key: 11, requests: 1, attempts: 1, ok: 1, rate_limited: 0, prompt_tokens: 10, duration_ms: 120 },
    ]);
    expect(
      await scene.query(
        `SELECT token_id::int AS token, period, requests::int, tokens::int FROM token_usage ORDER BY period`,
      ),
    ).toEqual([
      { token: 7, period: '2026-10', requests: 2, tokens: 45 },
      { token: 7, period: '2026-10-31', requests: 2, tokens: 45 },
      { token: 7, period: '2026-11', requests: 1, tokens: 15 },
      { token: 7, period: '2026-11-01', requests: 1, tokens: 15 },
      { token: 7, period: 'total', requests: 3, tokens: 60 },
    ]);
  });

  it('adds the counts of requests of which only sums are left', async () => {
    const sum = { hourMs: Date.UTC(2026, 9, 31, 23), channelId: 1, keyId: 11, tokenId: 7, model: 'small' };
    const counted = { requests: 4, attempts: 5, ok: 4, rateLimited: 1, exhausted: 0, refused: 0, upstreamErrors: 0 };
    const cost = { otherErrors: 0, promptTokens: 40, completionTokens: 20, cachedTokens: 0, durationMs: 480 };
    const sums = [{ ...sum, ...counted, ...cost, lastUsedMs: OCTOBER_MS }];
    await instance.flush(aSegment(someRecords(1), { sums: [...sums, ...sums] }));
    expect(await scene.requestCounts()).toEqual([1, 9, 9, 11]);
  });

  it('takes whatever texts and numbers upstreams and clients come up with', async () => {
    const most = Number.MAX_SAFE_INTEGER;
    const usage = { promptTokens: most, completionTokens: most, cachedTokens: most };
    const hostile = { modelAsked: `\0\ud800${'🔑'.repeat(500_000)}`, modelSent: '\0', path: '/v1beta/\0', usage };
    await instance.flush(aSegment(someRecords(2_000, { ...hostile, status: 1e9, durationMs: Infinity, ttftMs: NaN })));
    expect(await scene.requestCounts()).toEqual(all(2_000));
  });
});
