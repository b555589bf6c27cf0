import { type Answer, replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { errorOf } from '../support/relay-client';
import { RelayScene } from '../support/relay-scene';

describe('time limits', () => {
  let scene: RelayScene;

  beforeAll(async () => {
    scene = await RelayScene.start({ RELAY_FIRST_BYTE_TIMEOUT: '500ms', RELAY_IDLE_TIMEOUT: '500ms' });
  });

  beforeEach(() => {
    scene.upstream.reset();
  });

  afterAll(() => scene.stop());

  it('answers 504 when no upstream answers in time, and lets them go', async () => {
    const { relay } = await scene.serve({ keys: someKeys(2) });
    scene.upstream.answer(replies.hang());
    const answer = await relay.chat();
    expect([answer.status, errorOf(answer).code]).toEqual([504, 'upstream_timeout']);
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(scene.upstream.ledger.map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  it('tries another key when one does not answer in time', async () => {
    const { relay } = await scene.serve({ keys: someKeys(2) });
    scene.upstream.answerNext(replies.hang());
    expect((await relay.chat()).status).toBe(200);
  });

  it.each<[string, Answer]>([
    ['before its head', replies.hang()],
    ['after its head', replies.hangAfterHeaders()],
  ])('tries a stream that is silent %s only once more, for it may be paid for', async (_, answer) => {
    const { relay } = await scene.serve({ keys: someKeys(3) }, { keys: someKeys(3, 5) });
    scene.upstream.answer(answer);
    expect((await relay.chat({ stream: true })).status).toBe(504);
    expect(scene.upstream.ledger).toHaveLength(2);
  });

  it('ends a stream that falls silent after some events with an error event', async () => {
    const { relay } = await scene.serve({ keys: someKeys(2) });
    scene.upstream.answer(replies.hangMidStream(['one ']));
    const { text } = await relay.chat({ stream: true });
    expect(text).toMatch(/data: \{"error":[^\n]*\}\n\n$/);
    expect(text).not.toContain('[DONE]');
    expect(scene.upstream.ledger).toHaveLength(1);
  });

  it('cuts an answer in one piece that falls silent', async () => {
    const { relay } = await scene.serve({ keys: someKeys(2) });
    scene.upstream.answer(
      replies.raw(async (exchange) => {
        exchange.start(200, { 'content-type': 'application/json' });
        await exchange.write('{"half":');
      }),
    );
    await expect(relay.chat()).rejects.toThrow();
  });

  it('lets a stream go on for as long as it says something', async () => {
    const { relay } = await scene.serve({ keys: someKeys(2) });
    scene.upstream.answer(replies.stream(Array<string>(30).fill('word '), { delayMs: 50 }));
    expect((await relay.chat({ stream: true })).text).toContain('[DONE]');
  });
});
