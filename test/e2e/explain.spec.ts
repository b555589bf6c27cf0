import { ExplainScene } from '../support/explain-scene';
import { replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';

const LATE = { headers: { 'retry-after': '60' } };

describe('GET /api/channel/{id}/explain', () => {
  let scene: ExplainScene;

  beforeAll(async () => {
    scene = await ExplainScene.start();
  });

  beforeEach(() => {
    scene.reset();
  });

  afterAll(() => scene.relayed.stop());

  it('explains a channel that is well', async () => {
    const keys = someKeys(3);
    const options = { keys, name: 'well', models: [scene.model], priority: 7, weight: 4 };
    const { channelIds } = await scene.relayed.serve(options);
    const stored = await scene.relayed.app.admin.listKeys(channelIds[0] ?? 0);
    const next_keys = [0, 1, 2, 0, 1].map((index) => ({ index, key_id: stored[index]?.key_id }));
    const none = { cooling: 0, suspect: 0, exhausted: 0, dead: 0, disabled: 0, benched_for_model: 0 };
    const answer = await scene.ask(channelIds[0]);
    expect(answer.data).toEqual({
      channel_id: channelIds[0],
      channel_name: 'well',
      model: scene.model,
      upstream_model: scene.model,
      considered: true,
      reasons: [],
      selection_mode: 0,
      priority: 7,
      weight: 4,
      keys: { total: 3, usable: 3, ...none },
      by_reason: [],
      cursor: 0,
      next_keys,
      next_fuller_in_ms: null,
      next_fuller_at: null,
      breaker: { state: 'closed', reason: null, code: null, since: null, retry_at: null },
      rivals: [],
    });
    for (const key of keys) expect(JSON.stringify(answer)).not.toContain(key.slice(-8));
  });

  it('says that the channel does not list the model', async () => {
    const { channelIds } = await scene.relayed.serve({ keys: someKeys(1), models: [scene.model] });
    expect(await scene.explain(channelIds[0], '?model=unheard-of')).toMatchObject({
      model: 'unheard-of',
      considered: false,
      reasons: ['the channel does not list this model'],
    });
  });

  it('asks about no model where none is named', async () => {
    const { channelIds } = await scene.relayed.serve({ keys: someKeys(1), models: [scene.model] });
    expect(await scene.explain(channelIds[0], '')).toMatchObject({
      considered: true,
      model: null,
      upstream_model: null,
    });
  });

  it('says that every key is off, that all rest, or that there is none', async () => {
    const { relay, channelIds } = await scene.relayed.serve(
      { keys: someKeys(2), models: [scene.model] },
      { keys: someKeys(1, 2), models: [scene.model] },
      { models: [scene.model] },
    );
    await scene.toggle(channelIds[0], 0, false);
    await scene.toggle(channelIds[0], 1, false);
    scene.relayed.upstream.answer(replies.status(429, LATE));
    await scene.chat(relay, 1);
    const reasons: (readonly string[])[] = [];
    for (const id of channelIds) {
      const explanation = await scene.explain(id);
      expect(explanation).toMatchObject({ considered: false, cursor: null, next_keys: [], keys: { usable: 0 } });
      reasons.push(explanation.reasons);
    }
    expect(reasons).toEqual([['every key is off'], ['every key that is on rests'], ['the channel has no keys']]);
  });

  it('says that the channel is switched off by hand, and still counts its keys', async () => {
    const { channelIds } = await scene.relayed.serve({ keys: someKeys(3), models: [scene.model] });
    await scene.toggle(channelIds[0], 1, false);
    await scene.relayed.app.admin.call('PUT', `/api/channel/${channelIds[0]}`, { status: 2 });
    const expected = {
      considered: false,
      reasons: ['the channel is switched off by hand'],
      keys: { total: 3, usable: 2, disabled: 1 },
      by_reason: [{ state: 'manual', code: null, count: 1 }],
      priority: null,
      weight: null,
    };
    expect(await scene.explain(channelIds[0])).toMatchObject(expected);
    // After a restart its keys are not in memory.
    await scene.relayed.app.restart();
    expect(await scene.explain(channelIds[0])).toMatchObject(expected);
  });

  it('says that the upstream is in trouble', async () => {
    const { relay, channelIds } = await scene.relayed.serve({ keys: someKeys(2), models: [scene.model] });
    scene.relayed.upstream.answer(replies.status(502));
    await scene.chat(relay, 20);
    const { considered, reasons, breaker } = await scene.explain(channelIds[0]);
    expect(considered).toBe(false);
    expect(reasons).toEqual([expect.stringMatching(/^its upstream is in trouble: CHANNEL \S+, next trial in \d+ s$/)]);
    expect(breaker).toMatchObject({ state: 'open', reason: 'CHANNEL', retry_at: expect.any(Number) as number });
  });

  it('names the rivals in the order of the relay, and leaves out those that cannot serve', async () => {
    const serving = { models: [scene.model] };
    const { channelIds } = await scene.relayed.serve(
      { ...serving, keys: someKeys(1), priority: 1 },
      { ...serving, keys: someKeys(2), priority: -3, name: 'last' },
      { ...serving, keys: someKeys(3), priority: 9, name: 'first', weight: 5 },
      { ...serving, keys: someKeys(1), priority: 1, name: 'beside' },
      { ...serving, keys: someKeys(1), priority: 99, name: 'off' },
      { ...serving, priority: 98, name: 'without keys' },
      { models: [`${scene.model}-other`], keys: someKeys(1), priority: 97, name: 'of another model' },
    );
    await scene.relayed.app.admin.call('PUT', `/api/channel/${channelIds[4]}`, { status: 2 });
    const { considered, reasons, rivals } = await scene.explain(channelIds[0]);
    expect([considered, reasons]).toEqual([true, ['channels of a higher priority that come first: 1']]);
    expect(rivals).toEqual([
      { channel_id: channelIds[2], channel_name: 'first', priority: 9, weight: 5, usable: 3 },
      { channel_id: channelIds[3], channel_name: 'beside', priority: 1, weight: 1, usable: 1 },
      { channel_id: channelIds[1], channel_name: 'last', priority: -3, weight: 1, usable: 2 },
    ]);
  });

  it('names 20 rivals at most, and counts all that come first', async () => {
    const rivals = Array.from({ length: 21 }, () => ({ models: [scene.model], keys: someKeys(1), priority: 1 }));
    const { channelIds } = await scene.relayed.serve({ models: [scene.model], keys: someKeys(1) }, ...rivals);
    const explanation = await scene.explain(channelIds[0]);
    expect(explanation.rivals).toHaveLength(20);
    expect(explanation.reasons).toEqual(['channels of a higher priority that come first: 21']);
  });

  it('is refused for a channel that is not there', async () => {
    expect(await scene.ask(987_654)).toMatchObject({ status: 404, code: 'CHANNEL_NOT_FOUND' });
  });

  it.each([
    ['model=', 'model'],
    [`model=${'m'.repeat(201)}`, 'model'],
    ['model=a&model=b', 'model'],
    ['page=1', 'page'],
  ])('is refused for the query %s', async (query, field) => {
    const { channelIds } = await scene.relayed.serve({ keys: someKeys(1), models: [scene.model] });
    expect(await scene.ask(channelIds[0], `?${query}`)).toMatchObject({ status: 400, errors: [{ field }] });
  });
});
