import { eventually } from '../support/eventually';
import { ExplainScene, type Explanation } from '../support/explain-scene';
import { replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';

const RANDOM = 1;
const LATE = { headers: { 'retry-after': '60' } };

describe('what GET /api/channel/{id}/explain says of keys', () => {
  let scene: ExplainScene;

  beforeAll(async () => {
    scene = await ExplainScene.start();
  });

  beforeEach(() => {
    scene.reset();
  });

  afterAll(() => scene.relayed.stop());

  it('foretells exactly what the next five requests get', async () => {
    const keys = someKeys(8);
    const { relay, channelIds } = await scene.relayed.serve({ keys, models: [scene.model] });
    scene.relayed.upstream.answerKey(keys[2] ?? '', replies.status(429, LATE));
    scene.relayed.upstream.answerKey(keys[3] ?? '', replies.status(402));
    scene.relayed.upstream.killKey(keys[5] ?? '');
    await scene.chat(relay, 5);
    await scene.toggle(channelIds[0], 6, false);
    for (let round = 0; round < 3; round++) {
      const { cursor, next_keys } = await scene.explain(channelIds[0]);
      expect(await scene.explain(channelIds[0])).toMatchObject({ cursor, next_keys });
      const indices = next_keys?.map(({ index }) => index) ?? [];
      expect(cursor).toBe(indices[0]);
      expect(await scene.chat(relay, 5)).toEqual(indices.map((index) => keys[index]));
    }
  });

  it('counts each key once and tells why it is out', async () => {
    const keys = someKeys(6);
    const { relay, channelIds } = await scene.relayed.serve({ keys, models: [scene.model, 'other'] });
    scene.relayed.upstream.answerKey(keys[0] ?? '', replies.status(429, LATE));
    scene.relayed.upstream.answerKey(keys[1] ?? '', replies.status(402));
    scene.relayed.upstream.killKey(keys[2] ?? '');
    await scene.chat(relay, 5);
    await scene.toggle(channelIds[0], 5, false);
    const one = { suspect: 1, exhausted: 1, dead: 0, disabled: 1 };
    await eventually(async () => {
      const { keys: counts, by_reason, reasons } = await scene.explain(channelIds[0]);
      expect(counts).toEqual({ total: 6, usable: 2, cooling: 1, benched_for_model: 0, ...one });
      expect(reasons).toEqual(['keys that rest: 1']);
      expect(byState(by_reason)).toEqual({
        cooling: { state: 'cooling', code: expect.stringMatching(/./) as string, count: 1 },
        exhausted: { state: 'exhausted', code: expect.stringMatching(/./) as string, count: 1 },
        suspect: { state: 'suspect', code: 'invalid_api_key', count: 1 },
        manual: { state: 'manual', code: null, count: 1 },
      });
    });
    // For another model it serves; once it rests for two, for none.
    expect((await scene.explain(channelIds[0], '?model=other')).keys).toMatchObject({ usable: 3, cooling: 0 });
    expect((await scene.explain(channelIds[0], '')).keys).toMatchObject({ usable: 3, cooling: 0 });
    await scene.chat(relay, 3, 'other');
    expect((await scene.explain(channelIds[0])).keys).toMatchObject({ usable: 2, benched_for_model: 0, cooling: 1 });
  });

  it('tells keys that may not use the model from those that are rate limited for it', async () => {
    const keys = someKeys(4);
    const { relay, channelIds } = await scene.relayed.serve({ keys, models: [scene.model, 'other'] });
    scene.relayed.upstream.answerKey(keys[0] ?? '', replies.status(404));
    scene.relayed.upstream.answerKey(keys[1] ?? '', replies.status(429, LATE));
    await scene.chat(relay, 3);
    const { keys: counts, reasons } = await scene.explain(channelIds[0]);
    expect(counts).toMatchObject({ usable: 2, cooling: 1, benched_for_model: 1 });
    expect(reasons).toEqual(['keys that rest: 2']);
    expect((await scene.explain(channelIds[0], '?model=other')).keys).toMatchObject({ usable: 4 });
  });

  it('shows a key under `dead` once a probe has confirmed it, and when it is probed next', async () => {
    const keys = someKeys(2);
    const settings = { auto_probe: true, probe_suspect_ms: 10, probe_dead_ms: 3_600_000 };
    const { relay, channelIds } = await scene.relayed.serve({ keys, models: [scene.model], settings });
    scene.relayed.upstream.killKey(keys[0] ?? '');
    await scene.chat(relay, 1);
    await eventually(async () => {
      const { keys: counts, by_reason, next_fuller_in_ms } = await scene.explain(channelIds[0]);
      expect(counts).toMatchObject({ usable: 1, suspect: 0, dead: 1 });
      expect(by_reason).toEqual([{ state: 'dead', code: 'invalid_api_key', count: 1 }]);
      expect(next_fuller_in_ms).toBeGreaterThan(1_800_000);
    });
  });

  it('says when the pool next gains a key', async () => {
    const keys = someKeys(3);
    const { relay, channelIds } = await scene.relayed.serve({ keys, models: [scene.model] });
    scene.relayed.upstream.answerKey(keys[0] ?? '', replies.status(429, { headers: { 'retry-after': '3000' } }));
    scene.relayed.upstream.answerKey(keys[1] ?? '', replies.status(429, { headers: { 'retry-after': '900' } }));
    await scene.chat(relay, 2);
    const { next_fuller_in_ms, next_fuller_at } = await scene.explain(channelIds[0]);
    expect(next_fuller_in_ms).toBeGreaterThan(600_000);
    // A tenth of jitter at most.
    expect(next_fuller_in_ms).toBeLessThanOrEqual(990_000);
    const atMs = Date.now() + (next_fuller_in_ms ?? 0);
    expect(Math.abs((next_fuller_at ?? 0) - atMs / 1000)).toBeLessThan(60);
  });

  it('foretells no key for random', async () => {
    const { channelIds } = await scene.relayed.serve({
      keys: someKeys(3),
      models: [scene.model],
      key_selection_mode: RANDOM,
    });
    expect(await scene.explain(channelIds[0])).toMatchObject({
      considered: true,
      selection_mode: RANDOM,
      cursor: null,
      next_keys: null,
    });
  });

  it('foretells the lowest usable key while multi-key is off', async () => {
    const keys = someKeys(3);
    const { relay, channelIds } = await scene.relayed.serve({ keys, models: [scene.model] });
    const single = { channel_id: channelIds[0], is_multi_key: false, key_selection_mode: RANDOM };
    await scene.relayed.app.admin.call('PUT', '/api/channel/multi-key/settings', single);
    await scene.toggle(channelIds[0], 0, false);
    const { reasons, cursor, next_keys } = await scene.explain(channelIds[0]);
    expect(reasons).toEqual(['multi-key is off: only the lowest usable index serves']);
    expect([cursor, next_keys?.map(({ index }) => index)]).toEqual([1, [1, 1, 1, 1, 1]]);
    expect(await scene.chat(relay, 5)).toEqual(Array(5).fill(keys[1]));
  });

  it('names the model as the upstream is asked for it, and the keys that rest for that one', async () => {
    const keys = someKeys(2);
    const own = `${scene.model}-own`;
    const { relay, channelIds } = await scene.relayed.serve({
      keys,
      models: [own],
      model_mapping: { [scene.model]: own },
    });
    scene.relayed.upstream.answerNext(replies.status(429, LATE));
    await scene.chat(relay, 1);
    const expected = { considered: true, upstream_model: own, keys: { cooling: 1 }, cursor: 1 };
    expect(await scene.explain(channelIds[0])).toMatchObject({ model: scene.model, ...expected });
    expect(await scene.explain(channelIds[0], `?model=${own}`)).toMatchObject({ model: own, ...expected });
  });
});

function byState(counts: Explanation['by_reason']): Record<string, object> {
  return Object.fromEntries(counts.map((count) => [count.state, count]));
}
