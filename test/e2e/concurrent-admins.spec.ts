import { Client } from 'pg';
import type { AdminAnswer } from '../support/admin-client';
import { AppUnderTest } from '../support/app-under-test';
import { ChatClient } from '../support/chat-client';
import { FakeUpstream } from '../support/fake-upstream';
import { aKey, someKeys } from '../support/keys';

const KEYS = '/api/channel/keys';

interface Imported extends Record<string, unknown> {
  readonly imported_count: number;
  readonly batch_id: string;
}

describe('several admins at once', () => {
  let app: AppUnderTest;
  let upstream: FakeUpstream;
  let channelId: number;
  let chat: ChatClient;

  beforeAll(async () => {
    [app, upstream] = await Promise.all([AppUnderTest.start(), FakeUpstream.start()]);
  });

  afterAll(async () => {
    await app.stop();
    await upstream.stop();
  });

  async function aPool(keys: readonly string[]): Promise<void> {
    channelId = await app.admin.createChannel({ baseUrl: upstream.baseUrl, is_multi_key: true, keys });
    chat = new ChatClient(app.baseUrl, await app.admin.createToken({ channel_ids: [channelId] }));
  }

  function post<T = Record<string, unknown>>(action: string, body: object): Promise<AdminAnswer<T>> {
    return app.admin.post<T>(`${KEYS}/${action}`, { channel_id: channelId, ...body });
  }

  function append(keys: readonly string[]): Promise<AdminAnswer<Imported>> {
    return post<Imported>('import', { keys, mode: 1 });
  }

  function toggle(index: number, enabled: boolean): Promise<AdminAnswer> {
    return post('toggle', { key_index: index, enabled });
  }

  /** Sends chat requests from several clients until the work is done; the statuses of the answers. */
  async function withTraffic(work: () => Promise<void>): Promise<Set<number>> {
    const statuses = new Set<number>();
    let isOver = false;
    const client = async (): Promise<void> => {
      while (!isOver) statuses.add((await chat.ask()).status);
    };
    const clients = Promise.all([client(), client(), client()]);
    try {
      await work();
    } finally {
      isOver = true;
      await clients;
    }
    return statuses;
  }

  /** The keys that this many requests one after the other are served with. */
  async function keysServing(count: number): Promise<string[]> {
    upstream.reset();
    await chat.indicesOf(count);
    return upstream.keysUsed();
  }

  async function expectServed(expected: ReadonlySet<string>): Promise<void> {
    const lap = await keysServing(expected.size);
    expect(new Set(lap)).toEqual(expected);
    expect(await keysServing(expected.size)).toEqual(lap);
    const { data } = await app.admin.get(`/api/channel/${channelId}/keys/stats`);
    expect(data['enabled_keys']).toBe(expected.size);
  }

  function expectAll(answers: readonly AdminAnswer[], status: number): void {
    expect([...new Set(answers.map((answer) => answer.status))]).toEqual([status]);
  }

  it('end a burst of 200 toggles and imports during traffic in the state that was asked for', async () => {
    const initial = someKeys(160);
    await aPool(initial);
    // The first ten keys keep serving; each other key is named by one request alone, so that the end is certain.
    const toggled = initial.slice(10).map((_key, i) => ({ index: i + 10, enabled: i % 3 === 0 }));
    const lists = Array.from({ length: 50 }, (_, i) => someKeys(4, 1000 + i * 2));
    const model = new Set([...initial.slice(0, 10), ...lists.flat()]);
    for (const { index, enabled } of toggled) if (enabled) model.add(aKey(index));

    const answers: AdminAnswer[] = [];
    const traffic = await withTraffic(async () => {
      const toggles = toggled.map(({ index, enabled }) => toggle(index, enabled));
      const imports = lists.map((list) => append(list));
      answers.push(...(await Promise.all([...toggles, ...imports])));
    });
    expect(answers).toHaveLength(200);
    expectAll(answers, 200);
    expect([...traffic]).toEqual([200]);

    const keys = await app.admin.listKeys(channelId);
    expect(keys).toHaveLength(initial.length + new Set(lists.flat()).size);
    expect(keys.map(({ index }) => index)).toEqual(keys.map((_key, i) => i));
    for (const { index, enabled } of toggled) expect(keys[index]?.status).toBe(enabled ? 1 : 2);
    await expectServed(model);
  });

  it('end long sequences of switches, each admin on keys of his own, in the state of each last one', async () => {
    const admins = 8;
    const initial = someKeys(40);
    await aPool(initial);
    const isOn = initial.map(() => true);
    const answers: AdminAnswer[] = [];
    const admin = async (own: number): Promise<void> => {
      for (let step = 0; step < 25; step++) {
        // Each of the admin's five keys again and again, the first of them left on for the traffic.
        const index = own + admins * (1 + ((step * 7 + own) % 4));
        const enabled = (step * 5 + own * 3) % 7 < 3;
        isOn[index] = enabled;
        const isBatch = step % 5 === 4;
        answers.push(
          await (isBatch ? post('batch-toggle', { key_indices: [index], enabled }) : toggle(index, enabled)),
        );
      }
    };
    const traffic = await withTraffic(async () => {
      await Promise.all(Array.from({ length: admins }, (_, own) => admin(own)));
    });
    expect(answers).toHaveLength(200);
    expectAll(answers, 200);
    expect([...traffic]).toEqual([200]);
    const keys = await app.admin.listKeys(channelId);
    expect(keys.map(({ status }) => status)).toEqual(isOn.map((on) => (on ? 1 : 2)));
    await expectServed(new Set(initial.filter((_key, i) => isOn[i])));
  });

  it('import overlapping lists to the exact union, each key once', async () => {
    await aPool([]);
    const chunksOf = (from: number): string[][] => Array.from({ length: 10 }, (_, i) => someKeys(10, from + i * 10));
    const admin = async (chunks: readonly string[][]): Promise<AdminAnswer<Imported>[]> => {
      const answers: AdminAnswer<Imported>[] = [];
      for (const chunk of chunks) answers.push(await append(chunk));
      return answers;
    };
    const answers = (await Promise.all([admin(chunksOf(0)), admin(chunksOf(50).reverse())])).flat();
    expectAll(answers, 200);
    expect(new Set(answers.map(({ data }) => data.batch_id)).size).toBe(answers.length);
    const keys = await app.admin.listKeys(channelId);
    expect(keys.map(({ index }) => index)).toEqual(Array.from({ length: 150 }, (_, i) => i));
    await expectServed(new Set(someKeys(150)));
  });

  it('import one and the same list to one pool of it', async () => {
    await aPool([]);
    const answers = await Promise.all(Array.from({ length: 6 }, () => append(someKeys(30))));
    expectAll(answers, 200);
    expect((await app.admin.listKeys(channelId)).map(({ index }) => index)).toEqual(someKeys(30).map((_key, i) => i));
    await expectServed(new Set(someKeys(30)));
  });

  it('overwrite each other whole: the pool is one list or the other, in its order', async () => {
    await aPool(someKeys(15));
    for (let round = 0; round < 8; round++) {
      const one = [...someKeys(10, 5), ...someKeys(5, 100 + round)];
      const other = [...someKeys(12, round)].reverse();
      const answers = await Promise.all([one, other].map((keys) => post('import', { keys, mode: 0 })));
      expectAll(answers, 200);
      const { length } = await app.admin.listKeys(channelId);
      const expected = length === one.length ? one : other;
      // Positions were given out anew, so that polling starts again at 0.
      expect(await keysServing(length)).toEqual(expected);
    }
  });

  it('append while another overwrites, and the pool is either with or without the appended keys', async () => {
    await aPool(someKeys(5));
    for (let round = 0; round < 8; round++) {
      const [kept, added] = [someKeys(6, round), someKeys(2, 200 + round * 2)];
      const answers = await Promise.all([append(added), post('import', { keys: kept, mode: 0 })]);
      expectAll(answers, 200);
      const { length } = await app.admin.listKeys(channelId);
      await expectServed(new Set(length === kept.length ? kept : [...kept, ...added]));
    }
  });

  it('delete and switch at once without an error other than that a key is gone', async () => {
    await aPool(someKeys(30));
    const indices = Array.from({ length: 20 }, (_, i) => i + 5);
    const answers = await Promise.all(
      indices.flatMap((index) => [post('delete', { key_indices: [index] }), toggle(index, false)]),
    );
    expect(new Set(answers.map(({ status, code }) => `${status} ${code ?? ''}`))).toEqual(
      new Set(answers.some(({ status }) => status === 404) ? ['200 ', '404 KEY_NOT_FOUND'] : ['200 ']),
    );
    await expectServed(new Set([...someKeys(5), ...someKeys(5, 25)]));
  });

  it('are not kept from one channel by those who queue for another', async () => {
    await aPool(someKeys(40));
    const busy = channelId;
    const holder = new Client({ connectionString: app.databaseUrl });
    await holder.connect();
    try {
      // As a long import does.
      await holder.query('BEGIN');
      await holder.query('SELECT 1 FROM channels WHERE id = $1 FOR UPDATE', [busy]);
      const waiting = Promise.all(Array.from({ length: 30 }, (_, index) => toggle(index, false)));
      await aPool(someKeys(2));
      expectAll([await toggle(1, false), await app.admin.get('/api/channel')], 200);
      await holder.query('COMMIT');
      expectAll(await waiting, 200);
    } finally {
      await holder.end();
    }
    const { data } = await app.admin.get(`/api/channel/${busy}/keys/stats`);
    expect(data['enabled_keys']).toBe(10);
  });
});
