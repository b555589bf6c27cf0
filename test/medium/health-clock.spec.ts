import { setTimeout as sleep } from 'node:timers/promises';
import { ChannelDirectory } from '../../src/channels/channel-directory';
import type { ChannelRoute } from '../../src/channels/channel-route';
import { HealthRegistry } from '../../src/health/health-registry';
import { KeyHealth } from '../../src/health/key-health';
import type { PoolHealth } from '../../src/health/pool/pool-health';
import type { UpstreamAnswer } from '../../src/health/verdict/verdict';
import { eventually } from '../support/eventually';
import { KeyStateScene } from '../support/key-state-scene';
import { aKey } from '../support/keys';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
const TEN_YEARS_MS = 87_660 * HOUR_MS;
const TEN_YEARS_S = TEN_YEARS_MS / SECOND_MS;
const JITTER = 1.1;
const MODEL = 'gpt-4o';

type Headers = Readonly<Record<string, string>>;

const RATE_LIMIT = { message: 'Rate limit reached', type: 'requests', code: 'rate_limit_exceeded' };
const UNKNOWN_KEY = { message: 'Incorrect API key provided', type: 'invalid_request_error', code: 'invalid_api_key' };
const NO_QUOTA = { message: 'You exceeded your quota', type: 'insufficient_quota', code: 'insufficient_quota' };

function answer(status: number, error: object, headers: Headers = {}): UpstreamAnswer {
  return { status, header: (name) => headers[name] ?? '', body: JSON.stringify({ error }) };
}

function rateLimit(headers: Headers = {}, error: object = {}): UpstreamAnswer {
  return answer(429, { ...RATE_LIMIT, ...error }, headers);
}

const imfDate = (ms: number): string => new Date(ms).toUTCString();

describe('key health and wrong clocks', () => {
  let scene: KeyStateScene;
  let channelId: number;

  beforeAll(async () => {
    scene = await KeyStateScene.start();
  });

  beforeEach(async () => {
    channelId = await scene.openChannel(4);
  });

  afterAll(() => scene.stop());

  function pool(): PoolHealth {
    const found = scene.get(HealthRegistry).of(channelId).pool;
    if (!found) throw new Error('The channel has no pool');
    return found;
  }

  function route(type?: ChannelRoute['type']): ChannelRoute {
    const found = scene.get(ChannelDirectory).find(channelId);
    if (!found) throw new Error('The channel is not there');
    return type ? { ...found, type } : found;
  }

  /** Lets an upstream answer so to a request with this key, and what follows from it be stored. */
  async function meet(slot: number, said: UpstreamAnswer, type?: ChannelRoute['type']): Promise<void> {
    const health = scene.get(KeyHealth);
    const channel = route(type);
    const key = { channelId, ...pool().seenAt(slot), secret: aKey(slot) };
    health.punish({ channel, key, model: MODEL, startedAtMs: scene.clock.nowMs() }, health.judge(channel, said), said);
    await scene.flush();
  }

  const restMs = (): number => (pool().nextAtMs() ?? NaN) - scene.clock.nowMs();
  const probeInMs = (): number => (pool().nextProbeAtMs() ?? NaN) - scene.clock.nowMs();

  /** How long the key's state was to last, and to the next probe, when that was stored. */
  async function stored(slot: number): Promise<{ restMs: number | null; probeMs: number | null }> {
    const [row] = await scene.query<{ restMs: number | null; probeMs: number | null }>(
      `SELECT (extract(epoch FROM until - deadlines_set_at) * 1000)::float8 AS "restMs",
              (extract(epoch FROM next_probe_at - deadlines_set_at) * 1000)::float8 AS "probeMs"
       FROM channel_keys WHERE channel_id = $1 AND position = $2`,
      [channelId, slot],
    );
    return { restMs: row?.restMs ?? null, probeMs: row?.probeMs ?? null };
  }

  describe.each([
    ['an hour ahead', HOUR_MS],
    ['an hour back', -HOUR_MS],
    ['ten years ahead', TEN_YEARS_MS],
    ['ten years back', -TEN_YEARS_MS],
  ])('a clock that jumps %s', (_, jumpMs) => {
    afterEach(() => {
      scene.clock.jumpWall(-jumpMs);
    });

    it('moves nothing that was settled before, in memory, in the database or for who reads it from there', async () => {
      await meet(0, rateLimit({ 'retry-after': '40' }));
      await meet(1, answer(401, UNKNOWN_KEY));
      const beganAtMs = performance.now();
      const [before, storedBefore] = [[restMs(), probeInMs()] as const, [await stored(0), await stored(1)]];
      scene.clock.jumpWall(jumpMs);
      await scene.resync(channelId);
      pool().endDueRests();
      expect([restMs(), probeInMs(), pool().takeDueProbe()]).toEqual([...before, undefined]);
      await scene.restart();
      expect(pool().isUsable(1)).toBe(false);
      expect(pool().restingCount(MODEL)).toBe(1);
      // The database's time has gone on, the scene's has not.
      const slackMs = SECOND_MS + performance.now() - beganAtMs;
      expect(Math.abs(restMs() - before[0])).toBeLessThan(slackMs);
      expect(Math.abs(probeInMs() - before[1])).toBeLessThan(slackMs);
      expect([await stored(0), await stored(1)]).toEqual(storedBefore);
    });

    it('changes nothing of how long keys are left alone from then on', async () => {
      scene.clock.jumpWall(jumpMs);
      await meet(0, rateLimit({ 'retry-after': '40' }));
      expect(restMs()).toBeGreaterThanOrEqual(39 * SECOND_MS);
      expect(restMs()).toBeLessThanOrEqual(40 * SECOND_MS * JITTER);
      expect(Math.abs(((await stored(0)).restMs ?? NaN) - restMs())).toBeLessThan(SECOND_MS);
      await meet(1, answer(401, UNKNOWN_KEY));
      expect(probeInMs()).toBeGreaterThanOrEqual(4 * SECOND_MS);
      expect(probeInMs()).toBeLessThanOrEqual(15 * SECOND_MS);
      expect(Math.abs(((await stored(1)).probeMs ?? NaN) - probeInMs())).toBeLessThan(SECOND_MS);
      pool().enter(1, 'active');
      await meet(2, answer(429, NO_QUOTA, { 'retry-after': '7200' }));
      expect(probeInMs()).toBeGreaterThanOrEqual(2 * HOUR_MS - SECOND_MS);
      expect(probeInMs()).toBeLessThanOrEqual(2 * HOUR_MS * JITTER);
      expect(Math.abs(((await stored(2)).restMs ?? NaN) - probeInMs())).toBeLessThan(SECOND_MS);
    });

    it('neither ends a rest nor keeps one from ending', async () => {
      await meet(0, rateLimit({ 'retry-after': '1' }));
      scene.clock.jumpWall(jumpMs);
      await sleep(1_500);
      expect(pool().restingCount(MODEL)).toBe(1);
      scene.clock.advance(JITTER * SECOND_MS);
      await eventually(() => {
        expect(pool().restingCount(MODEL)).toBe(0);
      });
    });

    it('is not asked about a date where the answer says its own', async () => {
      const answeredAtMs = Math.floor(scene.clock.wallMs() / SECOND_MS) * SECOND_MS;
      scene.clock.jumpWall(jumpMs);
      const retryAfter = imfDate(answeredAtMs + 40 * SECOND_MS);
      await meet(0, rateLimit({ date: imfDate(answeredAtMs), 'retry-after': retryAfter }));
      expect(restMs()).toBeGreaterThanOrEqual(39 * SECOND_MS);
      expect(restMs()).toBeLessThanOrEqual(40 * SECOND_MS * JITTER);
    });

    it('keeps no key for more than an hour by a date without another one to compare it to', async () => {
      const retryAfter = imfDate(scene.clock.wallMs() + 40 * SECOND_MS);
      scene.clock.jumpWall(jumpMs);
      await meet(0, rateLimit({ 'retry-after': retryAfter }));
      expect(restMs()).toBeGreaterThan(0);
      expect(restMs()).toBeLessThanOrEqual(HOUR_MS * JITTER);
    });
  });

  const inTenYears = new Date(Date.UTC(2036, 0, 15, 12));
  it.each<[string, UpstreamAnswer, ChannelRoute['type']]>([
    ['Retry-After in seconds', rateLimit({ 'retry-after': String(TEN_YEARS_S) }), 'openai'],
    ['Retry-After as a date', rateLimit({ 'retry-after': inTenYears.toUTCString() }), 'openai'],
    ['words', rateLimit({}, { message: 'Rate limit reached. Please try again in 999999h.' }), 'openai'],
    [
      'a reset header',
      rateLimit({ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '87660h0m0s' }),
      'openai',
    ],
    [
      'a reset date',
      answer(
        429,
        { type: 'rate_limit_error', message: 'Rate limited' },
        {
          'anthropic-ratelimit-requests-remaining': '0',
          'anthropic-ratelimit-requests-reset': inTenYears.toISOString(),
        },
      ),
      'anthropic',
    ],
    [
      'the details of the error',
      answer(429, {
        code: 429,
        status: 'RESOURCE_EXHAUSTED',
        message: 'Too many',
        details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${TEN_YEARS_S}s` }],
      }),
      'gemini',
    ],
  ])('cuts ten years in %s down to an hour', async (_, said, type) => {
    await meet(0, said, type);
    expect(pool().restingCount(MODEL)).toBe(1);
    expect(restMs()).toBeGreaterThanOrEqual(HOUR_MS - SECOND_MS);
    expect(restMs()).toBeLessThanOrEqual(HOUR_MS * JITTER);
    expect(Math.abs(((await stored(0)).restMs ?? NaN) - restMs())).toBeLessThan(SECOND_MS);
  });

  it('lets no key rest longer than was meant when the clock of the database was set back', async () => {
    await meet(0, rateLimit({ 'retry-after': '40' }));
    await scene.query(
      `UPDATE channel_keys SET until = until + interval '10 years', deadlines_set_at = deadlines_set_at + interval '10 years'
       WHERE channel_id = $1 AND position = 0`,
      [channelId],
    );
    await scene.restart();
    expect(pool().restingCount(MODEL)).toBe(1);
    expect(restMs()).toBeLessThanOrEqual(40 * SECOND_MS * JITTER);
  });
});
