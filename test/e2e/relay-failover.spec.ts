import { FakeUpstream } from '../support/fake-upstream';
import { type Answer, replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { chatBody, errorOf } from '../support/relay-client';
import { closedAddress, RelayScene } from '../support/relay-scene';

const LEAK = 'words of an upstream that nobody else may read';

/** Every failure that another key or channel may not share. */
const FAILURES: [string, Answer][] = [
  ...[401, 402, 403, 408, 409, 429, 500, 502, 503, 504].map((status): [string, Answer] => [
    `a ${status}`,
    replies.status(status, { message: LEAK, headers: { 'x-leak': LEAK } }),
  ]),
  ['a reset before the answer', replies.reset()],
  ['a redirect', replies.redirect('http://127.0.0.1:1/elsewhere', 307)],
  ['a page of a proxy with 503', replies.html(503)],
  ['a page of a proxy with 200', replies.html(200)],
  ['an error within a 200', replies.json(200, { error: { message: LEAK, type: 'server_error' } })],
  ['a stream that begins with an error', replies.events([': hello\n\n', `data: {"error":{"message":"${LEAK}"}}\n\n`])],
];

/** After these the upstream may have begun, so that every further attempt may be paid for. */
const MAYBE_BEGUN = ['a 408', 'a 409', 'a reset before the answer'];

describe('failover', () => {
  let scene: RelayScene;
  let other: FakeUpstream;

  beforeAll(async () => {
    scene = await RelayScene.start({ RELAY_RETRY_PERCENT: '100', KEY_AUTO_PROBE: 'false' });
    other = await FakeUpstream.start();
  });

  beforeEach(() => {
    scene.upstream.reset();
    other.reset();
  });

  afterAll(async () => {
    await other.stop();
    await scene.stop();
  });

  describe.each(FAILURES)('after %s', (name, failing) => {
    it('goes to the next key', async () => {
      const keys = someKeys(3);
      const { relay } = await scene.serve({ keys });
      scene.upstream.answerNext(failing);
      const answer = await relay.chat();
      expect([answer.status, scene.upstream.keysUsed()]).toEqual([200, [keys[0], keys[1]]]);
      expect(answer.text).not.toContain(LEAK);
      expect([...answer.headers].flat().join()).not.toMatch(/x-leak|elsewhere/);
      expect(answer.headers.get('x-keymux-attempts')).toBe('2');
    });

    it('goes to the next channel when there is no other key', async () => {
      const { relay, channelIds } = await scene.serve(
        { keys: someKeys(1), priority: 1 },
        { keys: someKeys(2, 1), baseUrl: other.baseUrl },
      );
      scene.upstream.answer(failing);
      const answer = await relay.chat();
      expect(answer.status).toBe(200);
      expect(scene.upstream.keysUsed()).toEqual(someKeys(1));
      expect(other.keysUsed()).toEqual(someKeys(1, 1));
      expect(answer.headers.get('x-keymux-channel')).toBe(String(channelIds[1]));
    });

    it('tries so often and no more, never the same key twice, and tells no words of the upstream', async () => {
      const { relay } = await scene.serve({ keys: someKeys(10) });
      scene.upstream.answer(failing);
      const answer = await relay.chat();
      const attempts = MAYBE_BEGUN.includes(name) ? 2 : 3;
      expect(scene.upstream.ledger).toHaveLength(attempts);
      expect(new Set(scene.upstream.keysUsed()).size).toBe(attempts);
      expect(errorOf(answer).message).not.toContain(LEAK);
      expect([429, 502, 503, 504]).toContain(answer.status);
      expect(answer.headers.get('x-request-id')).not.toBeNull();
    });
  });

  it('sends the same body and headers with every attempt, but for the key', async () => {
    const { relay } = await scene.serve({ keys: someKeys(3) });
    scene.upstream.answerNext(replies.status(500), replies.reset());
    await relay.chat({ seed: 7 }, { 'x-trace': 'abc' });
    const sent = scene.upstream.ledger.map(({ body, headers }) => [body.toString(), { ...headers, authorization: '' }]);
    expect(sent).toHaveLength(3);
    expect(sent).toEqual(Array(3).fill(sent[0]));
    expect(sent[0]?.[0]).toBe(chatBody({ seed: 7 }));
  });

  it('goes on to another channel when the address of the first is closed', async () => {
    const { relay } = await scene.serve(
      { keys: someKeys(5), baseUrl: await closedAddress(), priority: 1 },
      { keys: someKeys(2) },
    );
    const answer = await relay.chat();
    expect([answer.status, answer.headers.get('x-keymux-attempts')]).toEqual([200, '2']);
    expect(scene.upstream.keysUsed()).toEqual(someKeys(1));
  });

  it('is served by a good channel behind one of five dead keys', async () => {
    const dead = someKeys(5);
    const { relay } = await scene.serve({ keys: dead, priority: 1 }, { keys: someKeys(1, 9), baseUrl: other.baseUrl });
    for (const key of dead) scene.upstream.killKey(key);
    for (let i = 0; i < 5; i++) expect((await relay.chat()).status).toBe(200);
    expect(other.ledger).toHaveLength(5);
    expect(scene.upstream.ledger.length).toBeLessThanOrEqual(10);
  });

  it('passes over channels without keys', async () => {
    const { relay } = await scene.serve({ priority: 3 }, { priority: 2 }, { priority: 1 }, { keys: someKeys(1) });
    expect((await relay.chat()).headers.get('x-keymux-attempts')).toBe('1');
  });

  it('fails over a stream as well', async () => {
    const keys = someKeys(2);
    const { relay } = await scene.serve({ keys });
    scene.upstream.killKey(keys[0] ?? '');
    const answer = await relay.chat({ stream: true });
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(answer.text).toMatch(/Hello![^]*data: \[DONE\]\n\n$/);
  });

  it('keeps polling fairly past a dead key', async () => {
    const keys = someKeys(4);
    const { relay } = await scene.serve({ keys });
    scene.upstream.killKey(keys[1] ?? '');
    for (let i = 0; i < 30; i++) await relay.chat();
    const good = scene.upstream.ledger.filter(({ status }) => status === 200).map(({ key }) => key);
    for (const index of [0, 2, 3]) expect(good.filter((key) => key === keys[index])).toHaveLength(10);
    expect(scene.upstream.keysUsed().filter((key) => key === keys[1])).toHaveLength(1);
  });

  it.each([400, 404, 413, 415, 422])('passes a %s through as it is and tries no other key', async (status) => {
    const { relay } = await scene.serve({ keys: someKeys(3) }, { keys: someKeys(3) });
    const body = `{ "error" : {"message": "n\\u00f6", "big": 12345678901234567890 } }`;
    scene.upstream.answer((exchange) => {
      exchange.send(status, body, { 'content-type': 'application/json', 'x-own': 'kept' });
    });
    const answer = await relay.chat();
    expect([answer.status, answer.text, answer.headers.get('x-own')]).toEqual([status, body, 'kept']);
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(scene.upstream.ledger).toHaveLength(1);
  });

  it('tries no other key of an upstream that refuses where we come from, but another channel', async () => {
    const { relay } = await scene.serve(
      { keys: someKeys(3), priority: 1 },
      { keys: someKeys(1, 9), baseUrl: other.baseUrl },
    );
    scene.upstream.answer(replies.status(451));
    expect((await relay.chat()).status).toBe(200);
    expect(scene.upstream.ledger).toHaveLength(1);
    const { relay: alone } = await scene.serve({ keys: someKeys(3) });
    const answer = await alone.chat();
    expect([answer.status, errorOf(answer).code]).toEqual([502, 'upstream_error']);
    expect(scene.upstream.ledger).toHaveLength(2);
  });

  it('tries nothing else once the first byte is out', async () => {
    const { relay } = await scene.serve({ keys: someKeys(3) }, { keys: someKeys(3) });
    scene.upstream.answer(replies.resetMidStream(['one ']));
    const answer = await relay.chat({ stream: true });
    expect(answer.status).toBe(200);
    expect(scene.upstream.ledger).toHaveLength(1);
  });

  it('shows nothing of a failed answer, however long it is or goes on', async () => {
    const { relay } = await scene.serve({ keys: someKeys(3) });
    scene.upstream.answerNext(
      replies.json(500, LEAK.repeat(10_000)),
      replies.raw(async (exchange) => {
        exchange.start(503, { 'content-type': 'text/event-stream' });
        while (exchange.isOpen) await exchange.write(LEAK.repeat(1_000));
      }),
    );
    const answer = await relay.chat();
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ object: 'chat.completion' });
    expect(answer.text).not.toContain(LEAK);
  });

  it('serves 60 requests at once while keys fail in every way', async () => {
    const { relay } = await scene.serve({ keys: someKeys(12) }, { keys: someKeys(4, 50), baseUrl: other.baseUrl });
    FAILURES.forEach(([, failing], at) => {
      if (at % 3 === 0) scene.upstream.answerKey(someKeys(1, at)[0] ?? '', failing);
    });
    const answers = await Promise.all(Array.from({ length: 60 }, () => relay.chat()));
    expect(answers.map(({ status }) => status)).toEqual(Array(60).fill(200));
  });
});
