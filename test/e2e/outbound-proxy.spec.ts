import { ConnectProxy } from '../support/connect-proxy';
import { dumpRows } from '../support/database-rows';
import { aKey, someKeys } from '../support/keys';
import { errorOf, RelayClient } from '../support/relay-client';
import { replies } from '../support/fake-upstream-replies';
import { RelayScene } from '../support/relay-scene';
import { SocksProxy } from '../support/socks-proxy';

const LOGIN = { user: 'gateway', password: 'canary-0f1e2d3c4b5a' };
const MASK = '***';

const KINDS = [
  ['an HTTP proxy', ConnectProxy],
  ['a SOCKS proxy', SocksProxy],
] as const;

interface Tested {
  readonly ok: boolean;
  readonly problem: string | null;
  readonly verdict: string | null;
}

describe('the proxy of a channel', () => {
  let scene: RelayScene;
  const proxies: (ConnectProxy | SocksProxy)[] = [];

  beforeAll(async () => {
    scene = await RelayScene.start();
  });

  beforeEach(() => {
    scene.upstream.reset();
  });

  afterEach(async () => {
    for (const proxy of proxies.splice(0)) await proxy.stop();
  });

  afterAll(() => scene.stop());

  async function start(kind: (typeof KINDS)[number][1], login = LOGIN): Promise<ConnectProxy | SocksProxy> {
    const proxy = await kind.start(login);
    proxies.push(proxy);
    return proxy;
  }

  const upstreamHost = (): string => new URL(scene.upstream.baseUrl).host;
  const test = (id: number) => scene.app.admin.post<Tested>(`/api/channel/${id}/test`, {});

  describe.each(KINDS)('that is %s', (_name, kind) => {
    it('carries requests of callers, on a connection that is kept', async () => {
      const proxy = await start(kind);
      const { relay } = await scene.serve({ keys: someKeys(1), proxy: proxy.url() });
      for (let i = 0; i < 3; i++) expect((await relay.chat()).status).toBe(200);
      expect((await relay.chat({ stream: true })).text).toContain('[DONE]');
      expect(scene.upstream.keysUsed()).toEqual(Array(4).fill(aKey(0)));
      expect(proxy.tunnels).toEqual([upstreamHost()]);
    });

    it('carries what we ask on our own', async () => {
      const proxy = await start(kind);
      const { channelIds } = await scene.serve({ keys: someKeys(1), proxy: proxy.url() });
      const [id = 0] = channelIds;
      expect((await test(id)).data).toMatchObject({ ok: true });
      expect((await scene.app.admin.post(`/api/channel/${id}/models/sync`, {})).status).toBe(200);
      expect(scene.upstream.probes).toHaveLength(2);
      expect(proxy.tunnels).toEqual([upstreamHost(), upstreamHost()]);
    });

    it('is to blame, and no key, when it refuses us', async () => {
      const proxy = await start(kind);
      const wrong = proxy.url({ ...LOGIN, password: 'wrong' });
      const { relay, channelIds } = await scene.serve({ keys: someKeys(2), proxy: wrong });
      const [id = 0] = channelIds;
      const answer = await relay.chat();
      expect([answer.status, errorOf(answer).code]).toEqual([502, 'upstream_error']);
      expect((await test(id)).data).toMatchObject({ ok: false, verdict: 'CHANNEL' });
      const sync = await scene.app.admin.post(`/api/channel/${id}/models/sync`, {});
      expect([sync.status, sync.code, sync.data]).toMatchObject([502, 'MODELS_NOT_LISTED', { verdict: 'CHANNEL' }]);
      expect((await scene.app.admin.listKeys(id)).map(({ status }) => status)).toEqual([1, 1]);
      expect([scene.upstream.ledger.length, scene.upstream.probes.length]).toEqual([0, 0]);
      expect(proxy.turnedAway).toBeGreaterThanOrEqual(3);
    });

    it('is to blame when it is gone, and nothing goes past it', async () => {
      const proxy = await start(kind);
      const { relay, channelIds } = await scene.serve({ keys: someKeys(1), proxy: proxy.url() });
      expect((await relay.chat()).status).toBe(200);
      await proxy.stop();
      scene.upstream.reset();
      const answer = await relay.chat();
      expect([answer.status, errorOf(answer).code]).toEqual([502, 'upstream_error']);
      const { data } = await test(channelIds[0] ?? 0);
      expect(data).toMatchObject({ ok: false, problem: 'No answer: PROXY_ECONNREFUSED', verdict: 'CHANNEL' });
      expect([scene.upstream.ledger.length, scene.upstream.probes.length]).toEqual([0, 0]);
    });

    it('takes over at once when a channel gets it, and lets go when it is taken away', async () => {
      const proxy = await start(kind);
      const { relay, channelIds } = await scene.serve({ keys: someKeys(1) });
      const change = (url: string | null) =>
        scene.app.admin.call('PUT', `/api/channel/${channelIds[0] ?? 0}`, { proxy: url });
      expect((await change(proxy.url())).status).toBe(200);
      expect((await relay.chat()).status).toBe(200);
      expect(proxy.tunnels).toHaveLength(1);
      expect((await change(null)).data).toMatchObject({ proxy: null });
      await proxy.stop();
      expect((await relay.chat()).status).toBe(200);
    });
  });

  it('passes an answer on as it comes', async () => {
    const proxy = await start(ConnectProxy);
    const { relay } = await scene.serve({ keys: someKeys(1), proxy: proxy.url() });
    scene.upstream.answer(replies.json(400, { error: { message: 'no', type: 'invalid_request_error' } }));
    const answer = await relay.chat();
    expect([answer.status, answer.text]).toEqual([400, '{"error":{"message":"no","type":"invalid_request_error"}}']);
  });

  it('shows its password nowhere', async () => {
    const proxy = await start(ConnectProxy);
    const { admin } = scene.app;
    const id = await admin.createChannel({ baseUrl: scene.upstream.baseUrl, keys: someKeys(1), proxy: proxy.url() });
    const answers = [
      await admin.get(`/api/channel/${id}`),
      await admin.get('/api/channel?page_size=1000'),
      await admin.call('PUT', `/api/channel/${id}`, { proxy: `${proxy.url()}/path` }),
      await admin.call('PUT', `/api/channel/${id}`, { proxy: proxy.url().replace('127.0.0.1', '10.0.0.1') }),
      await admin.call('PUT', `/api/channel/${id}`, { proxy: [proxy.url()] }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 400, 400, 400]);
    expect(answers[0]?.data).toMatchObject({ proxy: proxy.url().replace(LOGIN.password, MASK) });
    expect(JSON.stringify(answers)).not.toContain(LOGIN.password);
    expect(await dumpRows(scene.app.databaseUrl)).not.toContain(LOGIN.password);
  });

  it('keeps its password when its mask comes back, and is refused with the mask of another', async () => {
    const proxy = await start(ConnectProxy);
    const { relay, channelIds } = await scene.serve({ keys: someKeys(1), proxy: proxy.url() });
    const path = `/api/channel/${channelIds[0] ?? 0}`;
    const { data } = await scene.app.admin.get(path);
    expect((await scene.app.admin.call('PUT', path, { proxy: data['proxy'], name: 'renamed' })).status).toBe(200);
    expect((await relay.chat()).status).toBe(200);
    const other = { proxy: `socks5://${LOGIN.user}:${MASK}@127.0.0.1:1` };
    expect(await scene.app.admin.call('PUT', path, other)).toMatchObject({ status: 400, code: 'PROXY_REFUSED' });
  });

  it.each([
    ['has no port', 'http://127.0.0.1', /host:port/],
    ['is not listed and not public', 'http://10.0.0.1:3128', /UPSTREAM_ALLOW/],
    ['speaks what we do not', 'socks4://127.0.0.1:1080', /socks5/],
  ])('is refused when it %s', async (_why, proxy, message) => {
    const channel = { name: 'a channel', base_url: scene.upstream.baseUrl, proxy };
    const answer = await scene.app.admin.post('/api/channel', channel);
    expect(answer).toMatchObject({ status: 400, code: 'PROXY_REFUSED', errors: [{ field: 'proxy' }] });
    expect(answer.message).toMatch(message);
  });

  it('is there after a restart', async () => {
    const proxy = await start(SocksProxy);
    const { relay } = await scene.serve({ keys: someKeys(1), proxy: proxy.url() });
    await scene.app.restart();
    const client = new RelayClient(scene.app.baseUrl, relay.token);
    expect((await client.chat()).status).toBe(200);
    expect(proxy.tunnels).toEqual([upstreamHost()]);
  });
});
