import type { ListedKey } from '../support/admin-client';
import { type EmbeddedConnection } from '../../src/database/embedded/embedded-postgres';
import { query } from '../support/embedded-playground';
import { eventually } from '../support/eventually';
import { replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { chatBody, RelayClient } from '../support/relay-client';
import { openSocket, rawPost } from '../support/raw-connection';
import { closedAddress, RelayScene } from '../support/relay-scene';
import { CONNECTION_VARIABLE } from '../support/start-postgres';

describe('usage counts', () => {
  let scene: RelayScene;

  beforeAll(async () => {
    scene = await RelayScene.start();
  });

  beforeEach(() => {
    scene.upstream.reset();
  });

  afterAll(() => scene.stop());

  const listKeys = (channelId: number | undefined): Promise<ListedKey[]> => scene.app.admin.listKeys(channelId ?? 0);

  /** What the upstream saw of each key is the truth. */
  async function expectCounts(channelId: number | undefined, keys: readonly string[]): Promise<void> {
    const used = scene.upstream.keysUsed();
    const expected = keys.map((key) => used.filter((one) => one === key).length);
    await eventually(async () => {
      expect((await listKeys(channelId)).map(({ usage }) => usage)).toEqual(expected);
    });
  }

  it('reach the database with the time of the last use', async () => {
    const keys = someKeys(3);
    const { relay, channelIds } = await scene.serve({ keys });
    expect((await listKeys(channelIds[0])).map(({ usage, last_used }) => [usage, last_used])).toEqual(
      Array(3).fill([0, 0]),
    );
    const before = Math.floor(Date.now() / 1000);
    for (let i = 0; i < 5; i++) await relay.chat();
    await expectCounts(channelIds[0], keys);
    const listed = await listKeys(channelIds[0]);
    expect(listed.map(({ usage }) => usage)).toEqual([2, 2, 1]);
    for (const { last_used } of listed) {
      expect(last_used).toBeGreaterThanOrEqual(before);
      expect(last_used).toBeLessThanOrEqual(Date.now() / 1000);
    }
  });

  it('agree with the upstream after 200 requests at once, with failures of every kind', async () => {
    const keys = someKeys(8);
    const { relay, channelIds } = await scene.serve({ keys });
    scene.upstream.killKey(keys[1] ?? '');
    scene.upstream.answerKey(keys[3] ?? '', replies.reset());
    scene.upstream.answerKey(keys[5] ?? '', replies.status(500), replies.normal());
    scene.upstream.answerKey(keys[7] ?? '', replies.status(400), replies.resetMidStream(['x']), replies.status(429));
    const calls = Array.from({ length: 200 }, (_, i) => relay.chat({ stream: i % 2 === 0 }));
    await Promise.allSettled(calls);
    expect(scene.upstream.ledger.length).toBeGreaterThan(200);
    await expectCounts(channelIds[0], keys);
  });

  it('count a request whose client went', async () => {
    const keys = someKeys(1);
    const { relay, channelIds } = await scene.serve({ keys });
    scene.upstream.answer(replies.hang());
    const socket = await openSocket(relay.baseUrl);
    socket.write(rawPost('/v1/chat/completions', relay.token, chatBody()));
    await eventually(() => {
      expect(scene.upstream.ledger).toHaveLength(1);
    });
    socket.destroy();
    await expectCounts(channelIds[0], keys);
  });

  it('count no attempt that reached no upstream', async () => {
    const closed = await scene.serve({ keys: someKeys(2), baseUrl: await closedAddress() });
    expect((await closed.relay.chat()).status).toBe(502);
    const { relay, channelIds } = await scene.serve({ keys: someKeys(2) });
    await relay.chat({ model: '' });
    await relay.send('/v1/models');
    await relay.chat();
    await expectCounts(channelIds[0], someKeys(2));
    expect((await listKeys(closed.channelIds[0])).map(({ usage }) => usage)).toEqual([0, 0]);
  });

  it('stay with a key that is switched, annotated or imported again, and go with one that is deleted', async () => {
    const keys = someKeys(3);
    const { relay, channelIds } = await scene.serve({ keys });
    const [id] = channelIds;
    for (let i = 0; i < 6; i++) await relay.chat();
    await expectCounts(id, keys);
    await scene.app.admin.post('/api/channel/keys/toggle', { channel_id: id, key_index: 0, enabled: false });
    await scene.app.admin.call('PATCH', '/api/channel/keys', { channel_id: id, key_index: 1, note: 'mine' });
    await scene.app.admin.post('/api/channel/keys/import', { channel_id: id, keys: keys.slice(0, 2), mode: 0 });
    expect((await listKeys(id)).map(({ usage }) => usage)).toEqual([2, 2]);
  });

  it('survive a graceful stop, the last request included', async () => {
    const keys = someKeys(2);
    const { relay, channelIds } = await scene.serve({ keys });
    await Promise.all(Array.from({ length: 41 }, () => relay.chat()));
    await scene.app.restart();
    const counts = (await listKeys(channelIds[0])).map(({ usage }) => usage);
    expect(counts).toEqual(keys.map((key) => scene.upstream.keysUsed().filter((one) => one === key).length));
  });

  describe('while the database is away', () => {
    const server = (): EmbeddedConnection => JSON.parse(process.env[CONNECTION_VARIABLE] ?? '') as EmbeddedConnection;
    const ownDatabase = (): string => new URL(scene.app.databaseUrl).pathname.slice(1);
    const maintain = (statement: string): Promise<unknown> => query({ ...server(), database: 'postgres' }, statement);

    async function takeAway(): Promise<void> {
      await maintain(`ALTER DATABASE ${ownDatabase()} ALLOW_CONNECTIONS false`);
      await maintain(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${ownDatabase()}'`);
    }

    const bringBack = (): Promise<unknown> => maintain(`ALTER DATABASE ${ownDatabase()} ALLOW_CONNECTIONS true`);

    afterEach(bringBack);

    it('are kept and written once it is back, and requests are served meanwhile', async () => {
      const keys = someKeys(3);
      const cast = await scene.serve({ keys });
      const relay = new RelayClient(scene.app.baseUrl, cast.relay.token);
      await relay.chat();
      await takeAway();
      for (let i = 0; i < 20; i++) expect((await relay.chat()).status).toBe(200);
      expect((await relay.send('/v1/models')).status).toBe(200);
      expect((await relay.chat({}, { authorization: 'Bearer nonsense' })).status).toBe(401);
      await bringBack();
      await expectCounts(cast.channelIds[0], keys);
    });

    it('the admin API answers 503, the probes 200, and all is well afterwards', async () => {
      const { channelIds } = await scene.serve({ keys: someKeys(1) });
      await takeAway();
      const calls: [string, string, object?][] = [
        ['GET', '/api/channel'],
        ['GET', `/api/channel/${channelIds[0]}/keys/details`],
        ['GET', '/api/token'],
        ['POST', '/api/channel', { name: 'x', base_url: scene.upstream.baseUrl }],
        ['POST', '/api/channel/keys/toggle', { channel_id: channelIds[0], key_index: 0, enabled: false }],
        ['POST', '/api/channel/keys/import', { channel_id: channelIds[0], keys: someKeys(1, 5), mode: 0 }],
        ['POST', '/api/token', { name: 'x' }],
      ];
      for (const [method, path, body] of calls) {
        const answer = await scene.app.admin.call(method, path, body);
        expect([path, answer.status, answer.code]).toEqual([path, 503, 'DATABASE_UNAVAILABLE']);
      }
      for (const path of ['/livez', '/readyz']) expect((await fetch(`${scene.app.baseUrl}${path}`)).status).toBe(200);
      await bringBack();
      await eventually(async () => {
        expect((await listKeys(channelIds[0])).map(({ status, usage }) => [status, usage])).toEqual([[1, 0]]);
      });
    });
  });
});
