import { setTimeout as sleep } from 'node:timers/promises';
import type { AdminClient } from '../support/admin-client';
import { CuttableDatabase } from '../support/churn-database';
import { runSql } from '../support/database-rows';
import { eventually } from '../support/eventually';
import { FakeUpstream } from '../support/fake-upstream';
import type { LedgerEntry } from '../support/fake-upstream-exchange';
import { replies } from '../support/fake-upstream-replies';
import { aKey, someKeys } from '../support/keys';
import { type Program, ProgramFolders } from '../support/program';
import { RelayClient } from '../support/relay-client';
import { RelayScene } from '../support/relay-scene';

const LONG_MS = 300_000;
const SECOND_MS = 1_000;
const PAUSE_MS = 250;
/** Moments are shown in whole seconds, and processes do not read the clock at once. */
const SLACK_MS = 2_000;

interface KeyDetails {
  readonly index: number;
  readonly status: number;
  readonly state: string;
  readonly cooling_until: number | null;
  readonly next_probe_at: number | null;
  readonly disabled_code: string | null;
}

const rateLimited = (seconds: number): ReturnType<typeof replies.status> =>
  replies.status(429, { headers: { 'retry-after': String(seconds) } });
const NO_QUOTA = replies.status(429, {
  type: 'insufficient_quota',
  code: 'insufficient_quota',
  headers: { 'retry-after': '7200' },
});

/** As admins see them, in the order of their indices. */
async function detailsOf(admin: AdminClient, channelId: number): Promise<KeyDetails[]> {
  const { data } = await admin.get<{ keys: KeyDetails[] }>(`/api/channel/${channelId}/keys/details`);
  return data.keys;
}

/** When the upstream first saw this key. */
function firstAt(ledger: readonly LedgerEntry[], key: string): number {
  return ledger.find((entry) => entry.key === key)?.at ?? NaN;
}

describe('the states of keys', () => {
  const folders = new ProgramFolders();
  let upstream: FakeUpstream;

  beforeAll(async () => {
    upstream = await FakeUpstream.start();
  });

  beforeEach(() => {
    upstream.reset();
  });

  afterEach(() => folders.clean(), LONG_MS);

  afterAll(() => upstream.stop());

  async function serve(program: Program, keys: number): Promise<{ channelId: number; relay: RelayClient }> {
    const admin = await program.admin();
    const channelId = await admin.createChannel({
      baseUrl: upstream.baseUrl,
      keys: someKeys(keys),
      is_multi_key: true,
      models: ['gpt-4o'],
    });
    return { channelId, relay: new RelayClient(program.baseUrl, await admin.createToken()) };
  }

  /** Kills the program and starts it again on the same folder. */
  async function killAndStart(program: Program, environment: Readonly<Record<string, string>> = {}): Promise<Program> {
    await program.end('SIGKILL');
    return folders.start(program.dataDir, environment);
  }

  async function expectServed(relay: RelayClient, requests: number): Promise<void> {
    for (let i = 0; i < requests; i++) expect((await relay.chat()).status).toBe(200);
  }

  /** Goes on until each of these keys has served; fails if that takes more than two minutes. */
  async function serveUntilUsed(relay: RelayClient, keys: readonly string[]): Promise<void> {
    const deadlineMs = performance.now() + 120 * SECOND_MS;
    while (keys.some((key) => !upstream.keysUsed().includes(key))) {
      expect(performance.now()).toBeLessThan(deadlineMs);
      await expectServed(relay, 1);
      await sleep(PAUSE_MS);
    }
  }

  it(
    'survive kill -9: a key that cools goes on cooling, to the same second, while others serve',
    async () => {
      let program = await folders.start(await folders.make());
      const { channelId, relay } = await serve(program, 3);
      upstream.answerNext(rateLimited(40));
      await expectServed(relay, 1);
      let before: KeyDetails[] = [];
      await eventually(async () => {
        before = await detailsOf(await program.admin(), channelId);
        expect(before[0]).toMatchObject({ state: 'cooling', cooling_until: expect.any(Number) as number });
      });
      program = await killAndStart(program);
      expect(await detailsOf(await program.admin(), channelId)).toMatchObject(
        before.map(({ index, state, cooling_until }) => ({ index, state, cooling_until })),
      );
      const again = new RelayClient(program.baseUrl, relay.token);
      upstream.reset();
      const untilMs = (before[0]?.cooling_until ?? 0) * SECOND_MS;
      await serveUntilUsed(again, [aKey(0)]);
      expect(firstAt(upstream.ledger, aKey(0))).toBeGreaterThan(untilMs - SLACK_MS);
      expect(upstream.keysUsed()).toEqual(expect.arrayContaining(someKeys(3)));
    },
    LONG_MS,
  );

  it(
    'survive kill -9: what is suspect, dead or exhausted stays out, and is probed when its time comes',
    async () => {
      const environment = { KEY_PROBE_SUSPECT_MS: '6000', KEY_PROBE_DEAD_MS: '15000' };
      const [suspect, dead, exhausted] = [0, 1, 2] as const;
      let program = await folders.start(await folders.make(), environment);
      const { channelId, relay } = await serve(program, 5);
      for (const number of [suspect, dead]) upstream.killKey(aKey(number));
      upstream.answerKey(aKey(exhausted), NO_QUOTA);
      const admin = await program.admin();
      await admin.post(`/api/channel/${channelId}/test`, { key_index: dead, apply: true });
      await expectServed(relay, 2);
      let before: KeyDetails[] = [];
      await eventually(async () => {
        before = await detailsOf(admin, channelId);
        expect(before.map(({ state }) => state)).toEqual(['suspect', 'dead', 'exhausted', 'active', 'active']);
      });
      program = await killAndStart(program, environment);
      upstream.reset();
      const after = await detailsOf(await program.admin(), channelId);
      expect(after).toMatchObject(
        before.map(({ index, state, status, next_probe_at, disabled_code }) => {
          return { index, state, status, next_probe_at, disabled_code };
        }),
      );
      await serveUntilUsed(new RelayClient(program.baseUrl, relay.token), [aKey(suspect), aKey(dead)]);
      for (const { index, next_probe_at } of before.slice(suspect, dead + 1)) {
        const probedAt = firstAt(upstream.probes, aKey(index));
        expect(probedAt).toBeGreaterThan((next_probe_at ?? NaN) * SECOND_MS - SLACK_MS);
        expect(firstAt(upstream.ledger, aKey(index))).toBeGreaterThanOrEqual(probedAt);
      }
      expect([...upstream.ledger, ...upstream.probes].filter(({ key }) => key === aKey(exhausted))).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'lose no more by a kill -9 right after an answer than what that answer said',
    async () => {
      let program = await folders.start(await folders.make());
      const { channelId, relay } = await serve(program, 4);
      upstream.answerKey(aKey(1), rateLimited(600));
      await expectServed(relay, 2);
      let before: KeyDetails[] = [];
      await eventually(async () => {
        before = await detailsOf(await program.admin(), channelId);
        expect(before[1]).toMatchObject({ state: 'cooling' });
      });
      upstream.answerNext(rateLimited(600));
      await expectServed(relay, 1);
      program = await killAndStart(program);
      const limited = upstream.ledger.filter(({ status }) => status === 429).map(({ key }) => key);
      const lost = someKeys(4).findIndex((key) => key === limited[1]);
      expect([limited.length, lost]).toEqual([2, expect.any(Number)]);
      const after = await detailsOf(await program.admin(), channelId);
      expect(['active', 'cooling']).toContain(after[lost]?.state);
      const rest = (keys: readonly KeyDetails[]): KeyDetails[] => keys.filter(({ index }) => index !== lost);
      expect(rest(after)).toMatchObject(
        rest(before).map(({ index, state, status, cooling_until }) => ({ index, state, status, cooling_until })),
      );
      upstream.reset();
      await expectServed(new RelayClient(program.baseUrl, relay.token), 8);
      expect(upstream.keysUsed()).not.toContain(aKey(1));
    },
    LONG_MS,
  );

  it('hold in memory while the database is away, and are stored when it is back', async () => {
    const database = await CuttableDatabase.start();
    let scene: RelayScene | null = null;
    try {
      scene = await RelayScene.start({ DATABASE_URL: database.url, KEY_AUTO_PROBE: 'false' });
      const { relay, channelIds } = await scene.serve({ keys: someKeys(4), is_multi_key: true });
      // The last attempt of a request goes to the key that has served last, which is to be the one that stays good.
      await expectServed(relay, 3);
      const states = async (): Promise<unknown[]> => {
        const rows = await runSql(
          database.connection,
          'SELECT state FROM channel_keys WHERE channel_id = $1 ORDER BY position',
          channelIds.slice(0, 1),
        );
        return rows.map(({ state }) => state);
      };
      database.cut();
      scene.upstream.reset();
      scene.upstream.killKey(aKey(0));
      scene.upstream.answerKey(aKey(1), rateLimited(60));
      scene.upstream.answerKey(aKey(3), NO_QUOTA);
      await expectServed(relay, 20);
      for (const number of [0, 1, 3]) {
        expect(scene.upstream.keysUsed().filter((key) => key === aKey(number))).toHaveLength(1);
      }
      // Long enough for several tries to store it.
      await sleep(2 * SECOND_MS);
      expect(await states()).toEqual(['active', 'active', 'active', 'active']);
      database.mend();
      await eventually(async () => {
        expect(await states()).toEqual(['suspect', 'cooling', 'active', 'exhausted']);
      });
      await expectServed(relay, 8);
      expect(new Set(scene.upstream.keysUsed().slice(-8))).toEqual(new Set([aKey(2)]));
    } finally {
      await scene?.stop();
      await database.stop();
    }
  });
});
