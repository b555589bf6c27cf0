import type { AdminAnswer } from '../support/admin-client';
import { eventually } from '../support/eventually';
import { replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { errorOf, RelayClient } from '../support/relay-client';
import { RelayScene } from '../support/relay-scene';

interface Token extends Record<string, unknown> {
  readonly id: number;
  readonly key: string;
}

describe('the limits of a token', () => {
  let scene: RelayScene;
  let channelIds: readonly number[];

  beforeAll(async () => {
    scene = await RelayScene.start();
    ({ channelIds } = await scene.serve({ keys: someKeys(3) }));
  });

  beforeEach(() => {
    scene.upstream.reset();
  });

  afterAll(() => scene.stop());

  function post(fields: object): Promise<AdminAnswer<Token>> {
    return scene.app.admin.post<Token>('/api/token', { name: 'a client', channel_ids: channelIds, ...fields });
  }

  function put(id: number, fields: object): Promise<AdminAnswer<Token>> {
    return scene.app.admin.call<Token>('PUT', `/api/token/${id}`, fields);
  }

  async function issue(fields: object): Promise<{ id: number; relay: RelayClient }> {
    const { id, key } = (await post(fields)).data;
    return { id, relay: new RelayClient(scene.app.baseUrl, key) };
  }

  it('are set, shown, changed and lifted by an admin', async () => {
    const none = { requests_per_minute: null, concurrent_requests: null };
    expect((await post({})).data).toMatchObject(none);
    expect((await post(none)).data).toMatchObject(none);
    const { data } = await post({ requests_per_minute: 60_000, concurrent_requests: 10_000 });
    expect(data).toMatchObject({ requests_per_minute: 60_000, concurrent_requests: 10_000 });
    expect((await put(data.id, { requests_per_minute: 1 })).data).toMatchObject({
      requests_per_minute: 1,
      concurrent_requests: 10_000,
    });
    expect((await put(data.id, { concurrent_requests: null })).data).toMatchObject({ concurrent_requests: null });
    const list = await scene.app.admin.get<{ items: Token[] }>('/api/token?page_size=1000');
    expect(list.data.items.find(({ id }) => id === data.id)).toMatchObject({ ...none, requests_per_minute: 1 });
  });

  it.each([
    ['requests_per_minute', 0],
    ['requests_per_minute', 60_001],
    ['requests_per_minute', 1.5],
    ['requests_per_minute', '10'],
    ['concurrent_requests', 0],
    ['concurrent_requests', 10_001],
    ['concurrent_requests', true],
  ])('refuse %s: %j', async (field, value) => {
    const { data } = await post({});
    for (const answer of [await post({ [field]: value }), await put(data.id, { [field]: value })]) {
      expect(answer).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
      expect(new Set(answer.errors?.map((fault) => fault.field))).toEqual(new Set([field]));
    }
  });

  it('hold back what exceeds the requests per minute, before an upstream hears of it', async () => {
    const { relay } = await issue({ requests_per_minute: 2 });
    const first = await relay.chat();
    expect(limitHeaders(first.headers)).toEqual(['2', '1', '1m0s']);
    expect((await relay.chat()).headers.get('x-ratelimit-remaining-requests')).toBe('0');
    const third = await relay.chat();
    expect([third.status, errorOf(third)]).toMatchObject([
      429,
      { code: 'rate_limit_exceeded', type: 'rate_limit_error', message: expect.stringContaining('wait') as string },
    ]);
    expect(limitHeaders(third.headers)).toEqual(['2', '0', expect.stringMatching(/^(\d+m)?\d+m?s$/)]);
    const waitS = Number(third.headers.get('retry-after'));
    expect(waitS).toBeGreaterThanOrEqual(1);
    expect(waitS).toBeLessThanOrEqual(60);
    expect(third.headers.get('x-should-retry')).toBe('true');
    expect(third.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
    expect(scene.upstream.ledger).toHaveLength(2);
  });

  it('change at once, and count what was asked before', async () => {
    const { id, relay } = await issue({ requests_per_minute: 1 });
    expect((await relay.chat()).status).toBe(200);
    expect((await relay.chat()).status).toBe(429);
    await put(id, { requests_per_minute: 2 });
    expect((await relay.chat()).status).toBe(200);
    expect((await relay.chat()).status).toBe(429);
    await put(id, { requests_per_minute: null });
    const free = await relay.chat();
    expect([free.status, free.headers.has('x-ratelimit-limit-requests')]).toEqual([200, false]);
  });

  it('hold back what exceeds the requests in flight, until one has ended or is given up', async () => {
    const { relay } = await issue({ concurrent_requests: 2 });
    scene.upstream.answer(replies.hangMidStream(['one ']));
    const streams = [await relay.openStream(), await relay.openStream()];
    const third = await relay.chat();
    expect([third.status, errorOf(third).code]).toEqual([429, 'concurrency_limit_exceeded']);
    expect([third.headers.get('retry-after'), third.headers.get('x-should-retry')]).toEqual(['1', 'true']);
    await streams[0]?.body?.cancel();
    scene.upstream.answer(replies.normal());
    await eventually(async () => {
      expect((await relay.chat()).status).toBe(200);
    });
    await streams[1]?.body?.cancel();
  });

  it('are counted for each token on its own', async () => {
    const [one, other] = [await issue({ requests_per_minute: 1 }), await issue({ requests_per_minute: 1 })];
    expect([(await one.relay.chat()).status, (await one.relay.chat()).status]).toEqual([200, 429]);
    expect((await other.relay.chat()).status).toBe(200);
  });

  it('do not keep a token from its list of models', async () => {
    const { relay } = await issue({ requests_per_minute: 1 });
    for (let i = 0; i < 3; i++) expect((await relay.send('/v1/models')).status).toBe(200);
    expect((await relay.chat()).status).toBe(200);
  });
});

function limitHeaders(headers: Headers): (string | null)[] {
  return ['limit', 'remaining', 'reset'].map((name) => headers.get(`x-ratelimit-${name}-requests`));
}
