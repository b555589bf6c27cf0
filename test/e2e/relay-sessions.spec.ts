import { randomUUID } from 'node:crypto';
import { replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { errorOf, RelayClient } from '../support/relay-client';
import { RelayScene } from '../support/relay-scene';

const RESPONSES = '/v1/responses';

describe('requests that belong together', () => {
  let scene: RelayScene;

  beforeAll(async () => {
    scene = await RelayScene.start();
  });

  beforeEach(() => {
    scene.upstream.reset();
  });

  afterAll(() => scene.stop());

  describe('sessions of a channel with affinity', () => {
    async function chat(relay: RelayClient, fields: object, headers: Record<string, string> = {}): Promise<string> {
      expect((await relay.chat(fields, headers)).status).toBe(200);
      return scene.upstream.keysUsed().at(-1) ?? '';
    }

    it.each([
      ['x-session-id', {}, { 'x-session-id': 'one' }, { 'x-session-id': 'two' }],
      ['user', { user: 'one' }, {}, {}],
      ['prompt_cache_key', { prompt_cache_key: 'one' }, {}, {}],
      ['the first messages', { messages: [{ role: 'system', content: 'You are one' }] }, {}, {}],
    ])('stay with their key, told by %s', async (_name, fields, headers, others) => {
      const { relay } = await scene.serve({ keys: someKeys(5), settings: { affinity: true } });
      const key = await chat(relay, fields, headers);
      const other = await chat(relay, { user: 'other' }, others);
      expect(other).not.toBe(key);
      for (let i = 0; i < 4; i++) expect(await chat(relay, fields, headers)).toBe(key);
    });

    it('go on with another key at once when theirs is off, and stay with that one', async () => {
      const { relay, channelIds } = await scene.serve({ keys: someKeys(3), settings: { affinity: true } });
      const key = await chat(relay, { user: 'one' });
      await scene.app.admin.post('/api/channel/keys/toggle', {
        channel_id: channelIds[0],
        key_index: 0,
        enabled: false,
      });
      const next = await chat(relay, { user: 'one' });
      expect(next).not.toBe(key);
      expect(await chat(relay, { user: 'one' })).toBe(next);
    });

    it('are no matter to a channel without', async () => {
      const keys = someKeys(3);
      const { relay } = await scene.serve({ keys });
      const used: string[] = [];
      for (let i = 0; i < 3; i++) used.push(await chat(relay, { user: 'one' }));
      expect(used).toEqual(keys);
    });
  });

  describe('responses', () => {
    async function create(relay: RelayClient, fields: object = {}): Promise<{ id: string; key: string }> {
      const id = `resp_${randomUUID()}`;
      scene.upstream.answerNext(replies.json(200, { id, object: 'response', status: 'completed', output: [] }));
      const body = JSON.stringify({ model: 'gpt-4o', input: 'Hello', ...fields });
      expect((await relay.send(RESPONSES, { body })).status).toBe(200);
      return { id, key: scene.upstream.keysUsed().at(-1) ?? '' };
    }

    it('are asked for with the key that made them, whatever is asked of them', async () => {
      const { relay } = await scene.serve({ keys: someKeys(4) });
      const made = [await create(relay), await create(relay), await create(relay)];
      for (const { id, key } of made.reverse()) {
        for (const [method, rest] of [
          ['GET', ''],
          ['GET', '/input_items?limit=1'],
          ['POST', '/cancel'],
        ] as const) {
          scene.upstream.answerNext(replies.json(200, { id }));
          expect((await relay.send(`${RESPONSES}/${id}${rest}`, { method })).status).toBe(200);
          const seen = scene.upstream.ledger.at(-1);
          expect([seen?.method, seen?.path, seen?.key]).toEqual([method, `${RESPONSES}/${id}${rest}`, key]);
        }
      }
    });

    it('are gone on from with the key that made them', async () => {
      const { relay } = await scene.serve({ keys: someKeys(4) });
      const first = await create(relay);
      await create(relay);
      const next = await create(relay, { previous_response_id: first.id });
      expect(next.key).toBe(first.key);
      const last = await create(relay, { previous_response_id: next.id });
      expect(last.key).toBe(first.key);
    });

    it('are nobody else’s', async () => {
      const { relay, channelIds } = await scene.serve({ keys: someKeys(2) });
      const { id } = await create(relay);
      const stranger = new RelayClient(relay.baseUrl, await scene.app.admin.createToken({ channel_ids: channelIds }));
      const before = scene.upstream.ledger.length;
      const asked = await stranger.send(`${RESPONSES}/${id}`);
      expect([asked.status, errorOf(asked).code]).toEqual([404, 'object_not_found']);
      const body = JSON.stringify({ model: 'gpt-4o', input: 'x', 'previous_response\u005fid': id });
      const followed = await stranger.send(RESPONSES, { body });
      expect([followed.status, errorOf(followed).code]).toEqual([400, 'previous_response_not_found']);
      expect(scene.upstream.ledger).toHaveLength(before);
    });

    it('cannot be gone on from twice', async () => {
      const { relay } = await scene.serve({ keys: someKeys(2) });
      const { id } = await create(relay);
      const body = `{"model":"gpt-4o","previous_response_id":"resp_other","previous_response_id":"${id}"}`;
      const answer = await relay.send(RESPONSES, { body });
      expect([answer.status, errorOf(answer).code]).toEqual([400, 'invalid_json']);
    });

    it('are no more once they are deleted', async () => {
      const { relay } = await scene.serve({ keys: someKeys(2) });
      const { id } = await create(relay);
      scene.upstream.answerNext(replies.json(200, { id, deleted: true }));
      expect((await relay.send(`${RESPONSES}/${id}`, { method: 'DELETE' })).status).toBe(200);
      expect((await relay.send(`${RESPONSES}/${id}`)).status).toBe(404);
    });

    it('wait for their key, whatever others could serve', async () => {
      const { relay, channelIds } = await scene.serve({ keys: someKeys(2) });
      const { id } = await create(relay);
      await scene.app.admin.post('/api/channel/keys/toggle', {
        channel_id: channelIds[0],
        key_index: 0,
        enabled: false,
      });
      const before = scene.upstream.ledger.length;
      expect((await relay.send(`${RESPONSES}/${id}`)).status).toBe(503);
      expect(scene.upstream.ledger).toHaveLength(before);
    });

    it.each(['resp_nobody', 'a%2fb', 'x'.repeat(300)])('of the name %s are not there', async (id) => {
      const { relay } = await scene.serve({ keys: someKeys(2) });
      expect((await relay.send(`${RESPONSES}/${id}`)).status).toBe(404);
      expect(scene.upstream.ledger).toEqual([]);
    });
  });
});
