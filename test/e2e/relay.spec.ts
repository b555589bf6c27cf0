import { someKeys } from '../support/keys';
import { errorOf, RelayClient } from '../support/relay-client';
import { RelayScene } from '../support/relay-scene';

const ROUTES: [string, object][] = [
  ['/v1/chat/completions', { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello!' }] }],
  ['/v1/completions', { model: 'gpt-3.5-turbo-instruct', prompt: 'Hello!' }],
  ['/v1/embeddings', { model: 'text-embedding-3-small', input: 'Hello!' }],
];

describe('the relay', () => {
  let scene: RelayScene;

  beforeAll(async () => {
    scene = await RelayScene.start();
  });

  beforeEach(() => {
    scene.upstream.reset();
  });

  afterAll(() => scene.stop());

  it.each(ROUTES)('relays %s with a key of the pool', async (path, body) => {
    const { relay } = await scene.serve({ keys: someKeys(1) });
    const answer = await relay.send(path, { body: JSON.stringify(body) });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(scene.upstream.ledger).toMatchObject([{ method: 'POST', path, key: someKeys(1)[0] }]);
  });

  it('answers 503 when the channel has no key, or none that is on', async () => {
    const { relay: keyless } = await scene.serve({});
    const { relay: switchedOff, channelIds } = await scene.serve({ keys: someKeys(2) });
    const off = { channel_id: channelIds[0], key_indices: [0, 1], enabled: false };
    expect((await scene.app.admin.post('/api/channel/keys/batch-toggle', off)).success).toBe(true);
    for (const relay of [keyless, switchedOff]) {
      const answer = await relay.chat();
      expect([answer.status, errorOf(answer).code]).toEqual([503, 'no_available_key']);
      expect(answer.headers.get('x-should-retry')).toBe('false');
    }
    expect(scene.upstream.ledger).toEqual([]);
    await scene.app.admin.post('/api/channel/keys/toggle', { channel_id: channelIds[0], key_index: 1, enabled: true });
    expect((await switchedOff.chat()).status).toBe(200);
  });

  it('answers 404 when no channel of the token serves the model', async () => {
    const { relay, channelIds } = await scene.serve({ keys: someKeys(1), models: ['gpt-4o'] });
    const answer = await relay.chat({ model: 'gpt-99' });
    expect([answer.status, errorOf(answer)]).toMatchObject([404, { code: 'model_not_found', param: 'model' }]);
    await scene.app.admin.call('DELETE', `/api/channel/${channelIds[0]}`);
    expect((await relay.chat()).status).toBe(404);
    expect(scene.upstream.ledger).toEqual([]);
  });

  it('answers 404 when there is no channel at all for the token', async () => {
    const token = await scene.app.admin.createToken({ channel_ids: [999_999] });
    const relay = new RelayClient(scene.app.baseUrl, token);
    expect(errorOf(await relay.chat()).code).toBe('model_not_found');
    expect(JSON.parse((await relay.send('/v1/models')).text)).toEqual({ object: 'list', data: [] });
  });

  it('lists what the token may use, at once after a change', async () => {
    const { relay, channelIds } = await scene.serve({ keys: someKeys(1), models: ['one'] });
    const models = async (): Promise<string[]> => {
      const { data } = JSON.parse((await relay.send('/v1/models')).text) as { data: { id: string }[] };
      return data.map(({ id }) => id);
    };
    expect(await models()).toEqual(['one']);
    await scene.app.admin.call('PUT', `/api/channel/${channelIds[0]}`, { models: ['two', 'a/b'] });
    expect(await models()).toEqual(['a/b', 'two']);
    await scene.app.admin.call('PUT', `/api/channel/${channelIds[0]}`, { status: 2 });
    expect(await models()).toEqual([]);
  });

  it('serves keys and models as they are after each change', async () => {
    const { relay, channelIds } = await scene.serve({ keys: someKeys(1), models: ['one'] });
    expect((await relay.chat({ model: 'two' })).status).toBe(404);
    await scene.app.admin.call('PUT', `/api/channel/${channelIds[0]}`, { models: ['two'], keys: someKeys(1, 7) });
    expect((await relay.chat({ model: 'two' })).status).toBe(200);
    expect((await relay.chat({ model: 'one' })).status).toBe(404);
    expect(scene.upstream.keysUsed()).toEqual(someKeys(1, 7));
  });
});
