import { someKeys } from '../support/keys';
import { errorOf, RelayClient } from '../support/relay-client';
import { RelayScene, tally } from '../support/relay-scene';

const POLLING = 0;
const RANDOM = 1;
const APPEND = 1;
const OVERWRITE = 0;

describe('the choice of the key', () => {
  let scene: RelayScene;

  beforeAll(async () => {
    scene = await RelayScene.start();
  });

  beforeEach(() => {
    scene.upstream.reset();
  });

  afterAll(() => scene.stop());

  async function chatOneByOne(relay: RelayClient, count: number): Promise<string[]> {
    const before = scene.upstream.ledger.length;
    for (let i = 0; i < count; i++) expect((await relay.chat()).status).toBe(200);
    return scene.upstream.keysUsed().slice(before);
  }

  async function chatAtOnce(relay: RelayClient, count: number): Promise<string[]> {
    const before = scene.upstream.ledger.length;
    const answers = await Promise.all(Array.from({ length: count }, () => relay.chat()));
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(count).fill(200));
    return scene.upstream.keysUsed().slice(before);
  }

  async function toggle(channelId: number | undefined, index: number, enabled: boolean): Promise<void> {
    const answer = await scene.app.admin.post('/api/channel/keys/toggle', {
      channel_id: channelId,
      key_index: index,
      enabled,
    });
    expect(answer.message).toBe(`Key ${enabled ? 'enabled' : 'disabled'} successfully`);
  }

  async function importKeys(channelId: number | undefined, keys: readonly string[], mode: number): Promise<void> {
    const answer = await scene.app.admin.post('/api/channel/keys/import', { channel_id: channelId, keys, mode });
    expect(answer.message).toBe(`Successfully imported ${keys.length} keys`);
  }

  async function settle(channelId: number | undefined, isMultiKey: boolean, mode: number): Promise<void> {
    const settings = { channel_id: channelId, is_multi_key: isMultiKey, key_selection_mode: mode };
    const answer = await scene.app.admin.call('PUT', '/api/channel/multi-key/settings', settings);
    expect(answer.message).toBe('Channel settings updated successfully');
  }

  it('polls in strict index order, lap after lap', async () => {
    const keys = someKeys(7);
    const { relay } = await scene.serve({ keys });
    const lap = await chatOneByOne(relay, 7 * 10 + 3);
    expect(lap).toEqual(Array.from({ length: 73 }, (_, i) => keys[i % 7]));
  });

  it('skips a disabled key without favouring its neighbour', async () => {
    const keys = someKeys(5);
    const { relay, channelIds } = await scene.serve({ keys });
    await chatOneByOne(relay, 2);
    await toggle(channelIds[0], 2, false);
    expect(tally(keys, await chatOneByOne(relay, 40))).toEqual([10, 10, 0, 10, 10]);
    await toggle(channelIds[0], 2, true);
    expect(tally(keys, await chatOneByOne(relay, 50))).toEqual([10, 10, 10, 10, 10]);
  });

  it('never repeats a key within a lap while keys are switched between requests', async () => {
    const keys = someKeys(4);
    const { relay, channelIds } = await scene.serve({ keys });
    expect(await chatOneByOne(relay, 1)).toEqual([keys[0]]);
    await toggle(channelIds[0], 1, false);
    expect(await chatOneByOne(relay, 1)).toEqual([keys[2]]);
    await toggle(channelIds[0], 1, true);
    expect(await chatOneByOne(relay, 3)).toEqual([keys[3], keys[0], keys[1]]);
  });

  it('starts at index 0 after a fresh import and after an overwriting one', async () => {
    const { relay, channelIds } = await scene.serve({ is_multi_key: true });
    const [first, second] = [someKeys(3), someKeys(4, 1)];
    await importKeys(channelIds[0], first, OVERWRITE);
    expect(await chatOneByOne(relay, 4)).toEqual([...first, first[0]]);
    await importKeys(channelIds[0], second, OVERWRITE);
    expect(await chatOneByOne(relay, 5)).toEqual([...second, second[0]]);
  });

  it('starts at index 0 after a restart, and leaves out what was disabled before', async () => {
    const keys = someKeys(4);
    const { relay, channelIds } = await scene.serve({ keys });
    await chatOneByOne(relay, 2);
    await toggle(channelIds[0], 1, false);
    await scene.app.restart();
    const again = new RelayClient(scene.app.baseUrl, relay.token);
    expect(await chatOneByOne(again, 4)).toEqual([keys[0], keys[2], keys[3], keys[0]]);
  });

  it('goes on with appended keys after the last index', async () => {
    const keys = someKeys(5);
    const { relay, channelIds } = await scene.serve({ keys: keys.slice(0, 3) });
    await chatOneByOne(relay, 2);
    await importKeys(channelIds[0], keys.slice(3), APPEND);
    expect(await chatOneByOne(relay, 6)).toEqual([keys[2], keys[3], keys[4], keys[0], keys[1], keys[2]]);
  });

  it('uses a deleted key no more and closes no gap', async () => {
    const keys = someKeys(4);
    const { relay, channelIds } = await scene.serve({ keys });
    await scene.app.admin.post('/api/channel/keys/delete', { channel_id: channelIds[0], key_indices: [1] });
    expect(await chatOneByOne(relay, 4)).toEqual([keys[0], keys[2], keys[3], keys[0]]);
    await importKeys(channelIds[0], [keys[1] ?? ''], APPEND);
    expect(await chatOneByOne(relay, 4)).toEqual([keys[2], keys[3], keys[1], keys[0]]);
  });

  it('spreads 300 requests at once evenly', async () => {
    const keys = someKeys(7);
    const { relay } = await scene.serve({ keys });
    const counts = tally(keys, await chatAtOnce(relay, 300));
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    expect(counts.reduce((sum, count) => sum + count)).toBe(300);
  });

  it('draws at random from all usable keys and only those', async () => {
    const keys = someKeys(6);
    const { relay, channelIds } = await scene.serve({ keys, key_selection_mode: RANDOM });
    await toggle(channelIds[0], 0, false);
    await toggle(channelIds[0], 5, false);
    const used: string[] = [];
    for (let round = 0; round < 8; round++) used.push(...(await chatAtOnce(relay, 50)));
    const [off, ...rest] = tally(keys, used);
    expect([off, rest.pop()]).toEqual([0, 0]);
    // Each is drawn 100 times on average; less than 50 would be six standard deviations away.
    for (const count of rest) expect(count).toBeGreaterThan(50);
    const repeats = used.filter((key, at) => key === used[at - 1]).length;
    expect(repeats).toBeGreaterThan(0);
  });

  it('changes the mode for the next request', async () => {
    const keys = someKeys(3);
    const { relay, channelIds } = await scene.serve({ keys, key_selection_mode: RANDOM });
    await chatOneByOne(relay, 5);
    await settle(channelIds[0], true, POLLING);
    const [first, ...rest] = await chatOneByOne(relay, 9);
    const start = keys.indexOf(first ?? '');
    expect(rest).toEqual(rest.map((_, i) => keys[(start + 1 + i) % 3]));
  });

  it('serves only the lowest usable index once multi-key is off, and all of them once it is on', async () => {
    const keys = someKeys(4);
    const { relay, channelIds } = await scene.serve({ keys });
    await settle(channelIds[0], false, POLLING);
    expect(await chatOneByOne(relay, 3)).toEqual([keys[0], keys[0], keys[0]]);
    await toggle(channelIds[0], 0, false);
    expect(await chatOneByOne(relay, 2)).toEqual([keys[1], keys[1]]);
    await toggle(channelIds[0], 0, true);
    scene.upstream.killKey(keys[0] ?? '');
    expect(await chatOneByOne(relay, 2)).toEqual([keys[0], keys[1], keys[1]]);
    await settle(channelIds[0], true, POLLING);
    expect(new Set(await chatOneByOne(relay, 9))).toEqual(new Set(keys.slice(1)));
  });

  it('takes the channel of the highest priority, whatever the weights', async () => {
    const keys = someKeys(3);
    const { relay } = await scene.serve(
      { keys: keys.slice(0, 1), priority: -5, weight: 1000 },
      { keys: keys.slice(1, 2), priority: 10, weight: 1 },
      { keys: keys.slice(2, 3) },
    );
    expect(tally(keys, await chatOneByOne(relay, 20))).toEqual([0, 20, 0]);
  });

  it('shares the requests of one priority by weight', async () => {
    const keys = someKeys(2);
    const { relay } = await scene.serve({ keys: keys.slice(0, 1), weight: 1 }, { keys: keys.slice(1, 2), weight: 3 });
    const used: string[] = [];
    for (let round = 0; round < 8; round++) used.push(...(await chatAtOnce(relay, 50)));
    const [light = 0, heavy = 0] = tally(keys, used);
    // 100 and 300 on average, with a standard deviation below 9.
    expect(light).toBeGreaterThan(50);
    expect(heavy).toBeGreaterThan(250);
  });

  it('takes only channels that serve the model, by name, by mapping or because they serve any', async () => {
    const keys = someKeys(3);
    const { relay } = await scene.serve(
      { keys: keys.slice(0, 1), models: ['alpha'], priority: 2 },
      { keys: keys.slice(1, 2), models: ['beta'], model_mapping: { gamma: 'beta' }, priority: 1 },
      { keys: keys.slice(2, 3), models: [] },
    );
    for (const model of ['alpha', 'beta', 'gamma', 'omega']) await relay.chat({ model });
    expect(scene.upstream.keysUsed()).toEqual([keys[0], keys[1], keys[1], keys[2]]);
    const sent = scene.upstream.ledger.map(({ body }) => (JSON.parse(body.toString()) as { model: string }).model);
    expect(sent).toEqual(['alpha', 'beta', 'beta', 'omega']);
  });

  it('keeps a token to its channels and models', async () => {
    const keys = someKeys(2);
    const { relay, channelIds } = await scene.serve({ keys: keys.slice(0, 1), priority: 9 }, { keys: keys.slice(1) });
    const token = await scene.app.admin.createToken({ channel_ids: channelIds.slice(1), models: ['gpt-4o', 'x/y'] });
    const limited = new RelayClient(relay.baseUrl, token);
    expect(await chatOneByOne(limited, 3)).toEqual(Array(3).fill(keys[1]));
    expect(errorOf(await limited.chat({ model: 'gpt-4' }))).toMatchObject({ code: 'model_not_found', param: 'model' });
    const models = JSON.parse((await limited.send('/v1/models')).text) as { data: { id: string }[] };
    expect(models.data.map(({ id }) => id)).toEqual(['gpt-4o', 'x/y']);
  });

  it('leaves out a channel that is disabled by hand, and takes it back', async () => {
    const keys = someKeys(2);
    const { relay, channelIds } = await scene.serve({ keys: keys.slice(0, 1), priority: 9 }, { keys: keys.slice(1) });
    await scene.app.admin.call('PUT', `/api/channel/${channelIds[0]}`, { status: 2 });
    expect(await chatOneByOne(relay, 2)).toEqual([keys[1], keys[1]]);
    await scene.app.admin.call('PUT', `/api/channel/${channelIds[0]}`, { status: 1 });
    expect(await chatOneByOne(relay, 2)).toEqual([keys[0], keys[0]]);
  });
});
