import type { AdminAnswer } from '../support/admin-client';
import { runSql } from '../support/database-rows';
import { eventually } from '../support/eventually';
import { replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { errorOf, RelayClient } from '../support/relay-client';
import { RelayScene } from '../support/relay-scene';

interface Token extends Record<string, unknown> {
  readonly id: number;
  readonly key: string;
  readonly used_requests: number;
  readonly used_tokens: number;
}

describe('the budget of a token', () => {
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

  async function shown(id: number): Promise<Token | undefined> {
    const list = await scene.app.admin.get<{ items: Token[] }>('/api/token?page_size=1000');
    return list.data.items.find((item) => item.id === id);
  }

  async function statuses(relay: RelayClient, count: number): Promise<number[]> {
    const found: number[] = [];
    for (let i = 0; i < count; i++) found.push((await relay.chat()).status);
    return found;
  }

  it('is set, shown, changed and lifted by an admin', async () => {
    const none = { max_requests: null, max_tokens: null, budget_period: 'total', used_requests: 0, used_tokens: 0 };
    expect((await post({})).data).toMatchObject(none);
    expect((await post({ max_requests: null, max_tokens: null })).data).toMatchObject(none);
    const budget = { max_requests: Number.MAX_SAFE_INTEGER, max_tokens: 5_000_000_000, budget_period: 'month' };
    const { data } = await post(budget);
    expect(data).toMatchObject(budget);
    const changed = { ...budget, max_requests: 1, budget_period: 'day' };
    expect((await put(data.id, { max_requests: 1, budget_period: 'day' })).data).toMatchObject(changed);
    expect((await put(data.id, { max_tokens: null })).data).toMatchObject({ ...changed, max_tokens: null });
    expect(await shown(data.id)).toMatchObject({ max_requests: 1, max_tokens: null, budget_period: 'day' });
  });

  it.each([
    ['max_requests', 0],
    ['max_requests', 1.5],
    ['max_requests', '10'],
    ['max_tokens', -1],
    ['max_tokens', 2 ** 53],
    ['budget_period', 'week'],
    ['budget_period', null],
  ])('refuses %s: %j', async (field, value) => {
    const { data } = await post({});
    for (const answer of [await post({ [field]: value }), await put(data.id, { [field]: value })]) {
      expect(answer).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
      expect(new Set(answer.errors?.map((fault) => fault.field))).toEqual(new Set([field]));
    }
  });

  it('lets exactly 10 of 200 concurrent requests through when 10 are left', async () => {
    const { id, relay } = await issue({ max_requests: 10 });
    scene.upstream.answer(replies.after(200, replies.normal()));
    const answers = await Promise.all(Array.from({ length: 200 }, () => relay.chat()));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(190);
    for (const answer of refused) {
      expect(errorOf(answer)).toMatchObject({ code: 'insufficient_quota', type: 'insufficient_quota' });
      expect(['x-should-retry', 'retry-after'].map((name) => answer.headers.get(name))).toEqual(['false', null]);
    }
    expect(scene.upstream.ledger).toHaveLength(10);
    await eventually(async () => {
      expect(await shown(id)).toMatchObject({ used_requests: 10 });
    });
    expect(await statuses(relay, 5)).toEqual(Array(5).fill(429));
  });

  it('goes on where it was after a restart, and with the next request when an admin raises it', async () => {
    const { id, relay } = await issue({ max_requests: 3 });
    expect(await statuses(relay, 2)).toEqual([200, 200]);
    await scene.app.restart();
    const again = new RelayClient(scene.app.baseUrl, relay.token);
    expect(await statuses(again, 2)).toEqual([200, 429]);
    await put(id, { max_requests: 4 });
    expect(await statuses(again, 2)).toEqual([200, 429]);
    await put(id, { max_requests: null });
    expect(await statuses(again, 2)).toEqual([200, 200]);
  });

  it('counts what a token spent before it had one', async () => {
    const { id, relay } = await issue({});
    expect(await statuses(relay, 2)).toEqual([200, 200]);
    await put(id, { max_requests: 3 });
    expect(await statuses(relay, 2)).toEqual([200, 429]);
  });

  it('is spent by the tokens that requests take', async () => {
    const { id, relay } = await issue({ max_tokens: 1 });
    expect((await relay.chat()).status).toBe(200);
    const second = await relay.chat();
    expect([second.status, errorOf(second).message]).toEqual([
      429,
      expect.stringMatching(/budget of 1 tokens .* used/),
    ]);
    await eventually(async () => {
      expect((await shown(id))?.used_tokens).toBeGreaterThan(1);
    });
    await put(id, { max_tokens: 1_000_000 });
    expect((await relay.chat()).status).toBe(200);
  });

  it('lets requests come again while its last tokens are set aside for another', async () => {
    const { relay } = await issue({ max_tokens: 100 });
    scene.upstream.answer(replies.after(300, replies.normal()));
    const first = relay.chat();
    await eventually(() => {
      expect(scene.upstream.ledger).toHaveLength(1);
    });
    const second = await relay.chat();
    expect([second.status, errorOf(second).code]).toEqual([429, 'concurrency_limit_exceeded']);
    expect(['x-should-retry', 'retry-after'].map((name) => second.headers.get(name))).toEqual(['true', '1']);
    expect((await first).status).toBe(200);
    expect((await relay.chat()).status).toBe(200);
  });

  it('is not spent by requests that no upstream serves', async () => {
    const { id, relay } = await issue({ max_requests: 2 });
    scene.upstream.answer(replies.status(400));
    expect(await statuses(relay, 3)).toEqual([400, 400, 400]);
    scene.upstream.answer(replies.normal());
    expect((await relay.send('/v1/chat/completions', { body: 'no JSON' })).status).toBe(400);
    expect((await relay.send('/v1/models')).status).toBe(200);
    expect(await statuses(relay, 3)).toEqual([200, 200, 429]);
    await eventually(async () => {
      expect(await shown(id)).toMatchObject({ used_requests: 2 });
    });
  });

  it('is spent by a stream that its client leaves', async () => {
    const { relay } = await issue({ max_requests: 1 });
    scene.upstream.answer(replies.hangMidStream(['one ']));
    const stream = await relay.openStream();
    await stream.body?.cancel();
    await eventually(() => {
      expect(scene.upstream.ledger[0]?.aborted).toBe(true);
    });
    expect((await relay.chat()).status).toBe(429);
  });

  it('takes in what other instances spent', async () => {
    const { id, relay } = await issue({ max_requests: 100 });
    expect((await relay.chat()).status).toBe(200);
    await eventually(async () => {
      expect(await shown(id)).toMatchObject({ used_requests: 1 });
    });
    const spend = `UPDATE token_usage SET requests = requests + 99 WHERE token_id = $1 AND period = 'total'`;
    await runSql(scene.app.databaseUrl, spend, [id]);
    await put(id, {});
    expect((await relay.chat()).status).toBe(429);
  });

  it('refuses in the shape of the API that was asked', async () => {
    const { relay } = await issue({ max_requests: 1 });
    expect((await relay.chat()).status).toBe(200);
    const anthropic = await relay.send('/v1/messages', { body: '{"model":"m","messages":[]}' });
    const gemini = await relay.send('/v1beta/models/m:generateContent', { body: '{}' });
    expect([anthropic.status, gemini.status]).toEqual([429, 429]);
    expect(JSON.parse(anthropic.text)).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } });
    expect(JSON.parse(gemini.text)).toMatchObject({
      error: { status: 'RESOURCE_EXHAUSTED', details: [{ reason: 'insufficient_quota' }] },
    });
  });
});
