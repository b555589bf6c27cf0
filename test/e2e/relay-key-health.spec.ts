import { eventually } from '../support/eventually';
import { replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { openSocket, rawPost } from '../support/raw-connection';
import { chatBody, errorOf } from '../support/relay-client';
import { RelayScene, tally } from '../support/relay-scene';

describe('the relay and the health of keys', () => {
  let scene: RelayScene;

  beforeAll(async () => {
    scene = await RelayScene.start({ RELAY_RETRY_PERCENT: '0', KEY_AUTO_PROBE: 'false' });
  });

  beforeEach(() => {
    scene.upstream.reset();
  });

  afterAll(() => scene.stop());

  it('uses a key no more that the upstream does not know', async () => {
    const keys = someKeys(10);
    const { relay } = await scene.serve({ keys });
    scene.upstream.killKey(keys[3] ?? '');
    for (let i = 0; i < 30; i++) expect((await relay.chat()).status).toBe(200);
    expect(tally(keys.slice(3, 4), scene.upstream.keysUsed())).toEqual([1]);
  });

  it('spares a rate limited key for as long as the upstream asks, for that model', async () => {
    const keys = someKeys(2);
    const { relay } = await scene.serve({ keys });
    scene.upstream.answerNext(replies.status(429, { headers: { 'retry-after': '30' } }));
    for (let i = 0; i < 5; i++) expect((await relay.chat()).status).toBe(200);
    expect(tally(keys, scene.upstream.keysUsed())).toEqual([1, 5]);
  });

  it('answers at once, without asking the upstream, while every key is cooling', async () => {
    const { relay } = await scene.serve({ keys: someKeys(2) });
    scene.upstream.answer(replies.status(429, { headers: { 'retry-after': '10800' } }));
    await relay.chat();
    scene.upstream.reset();
    const answer = await relay.chat();
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '60']);
    expect(answer.headers.get('x-should-retry')).toBe('true');
    expect(errorOf(answer).message).toMatch(
      /^No key can serve "gpt-4o" now: 0 usable, 2 cooling; .* back in \d+ (min|h)$/,
    );
    expect(scene.upstream.ledger).toEqual([]);
  });

  it('names how many keys are out for which reason, and no key', async () => {
    const keys = someKeys(3);
    const { relay, channelIds } = await scene.serve({ keys });
    const off = { channel_id: channelIds[0], key_index: 0, enabled: false };
    await scene.app.admin.post('/api/channel/keys/toggle', off);
    scene.upstream.answerKey(keys[1] ?? '', replies.status(402));
    scene.upstream.answerKey(keys[2] ?? '', replies.status(401));
    expect((await relay.chat()).status).toBe(503);
    const answer = await relay.chat();
    expect([answer.status, answer.headers.get('x-should-retry')]).toEqual([503, 'false']);
    expect(errorOf(answer)).toMatchObject({
      code: 'no_available_key',
      message: expect.stringMatching(/: 0 usable, 1 being checked, 1 exhausted, 1 disabled/) as string,
    });
    for (const key of keys) expect(answer.text).not.toContain(key.slice(-8));
  });

  it('takes a model that a key may not use to one other key', async () => {
    const keys = someKeys(3);
    const { relay } = await scene.serve({ keys });
    scene.upstream.answerNext(replies.status(404));
    expect((await relay.chat()).status).toBe(200);
    expect(scene.upstream.keysUsed()).toEqual(keys.slice(0, 2));
  });

  it('passes on what the upstream says of a model that no key may use, and benches no key for it', async () => {
    const { relay } = await scene.serve({ keys: someKeys(3) });
    scene.upstream.answer(replies.status(404, { message: 'No such model.' }));
    for (let i = 0; i < 4; i++) {
      const answer = await relay.chat({ model: 'gpt-99' });
      expect([answer.status, errorOf(answer).message]).toEqual([404, 'No such model.']);
    }
    expect(scene.upstream.ledger).toHaveLength(8);
  });

  it('passes on what the upstream says of a model each time where there is one key, and keeps that key', async () => {
    const { relay } = await scene.serve({ keys: someKeys(1) });
    scene.upstream.answer(replies.status(404, { message: 'No such model.' }));
    for (let i = 0; i < 4; i++) {
      const answer = await relay.chat({ model: 'gpt-99' });
      expect([answer.status, errorOf(answer).message]).toEqual([404, 'No such model.']);
    }
    scene.upstream.reset();
    expect((await relay.chat({ model: 'gpt-99' })).status).toBe(200);
  });

  it('keeps no key from a model that the last upstream does not have', async () => {
    const keys = someKeys(3);
    const { relay } = await scene.serve({ keys: keys.slice(0, 2), priority: 1 }, { keys: keys.slice(2) });
    scene.upstream.answerNext(replies.status(404), replies.status(500));
    expect((await relay.chat()).status).toBe(404);
    for (let i = 0; i < 4; i++) expect((await relay.chat()).status).toBe(200);
    expect(tally(keys, scene.upstream.keysUsed())).toEqual([3, 2, 1]);
  });

  it('blames a request, not the keys, when two of them fail alike for it', async () => {
    const keys = someKeys(2);
    const { relay } = await scene.serve({ keys });
    scene.upstream.answerNext(replies.status(401), replies.status(401));
    expect((await relay.chat()).status).toBe(503);
    for (let i = 0; i < 4; i++) expect((await relay.chat()).status).toBe(200);
    expect(tally(keys, scene.upstream.keysUsed())).toEqual([3, 3]);
  });

  it('retries a failing upstream only within the budget', async () => {
    const { relay } = await scene.serve({ keys: someKeys(12) });
    scene.upstream.answer(replies.after(300, replies.status(500)));
    const answers = await Promise.all(Array.from({ length: 12 }, () => relay.chat()));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([502]));
    // Three retries at a time, of which each may be followed by one more.
    expect(scene.upstream.ledger.length).toBeLessThanOrEqual(18);
  });

  it('holds nothing against a key whose client leaves', async () => {
    const keys = someKeys(1);
    const { relay } = await scene.serve({ keys });
    for (const answer of [replies.hang(), replies.hangAfterHeaders(), replies.hangMidStream(['one '])]) {
      scene.upstream.answerNext(answer);
      const before = scene.upstream.ledger.length;
      const socket = await openSocket(relay.baseUrl);
      socket.resume();
      socket.write(rawPost('/v1/chat/completions', relay.token, chatBody({ stream: true })));
      await eventually(() => {
        expect(scene.upstream.ledger.length).toBe(before + 1);
      });
      socket.destroy();
      await eventually(() => {
        expect(scene.upstream.ledger.at(-1)).toMatchObject({ aborted: true });
      });
      expect((await relay.chat()).status).toBe(200);
    }
  });

  it('holds no refusal of a request against a key, whatever its words', async () => {
    const { relay } = await scene.serve({ keys: someKeys(1) });
    const message = 'You wrote: Incorrect API key provided, insufficient_quota, account deactivated';
    for (const status of [400, 413, 422]) {
      scene.upstream.answerNext(replies.status(status, { message }));
      expect((await relay.chat()).status).toBe(status);
      expect((await relay.chat()).status).toBe(200);
    }
  });

  it('asks for keys by the model as the upstream knows it', async () => {
    const keys = someKeys(2);
    const { relay } = await scene.serve({ keys, models: ['mine'], model_mapping: { mine: 'gpt-4o' } });
    scene.upstream.answerNext(replies.status(429, { headers: { 'retry-after': '30' } }));
    for (let i = 0; i < 3; i++) expect((await relay.chat({ model: 'mine' })).status).toBe(200);
    expect(tally(keys, scene.upstream.keysUsed())).toEqual([1, 3]);
  });
});
