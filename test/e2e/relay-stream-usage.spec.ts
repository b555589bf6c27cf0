import { replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { chatBody, type RelayClient } from '../support/relay-client';
import { RelayScene } from '../support/relay-scene';

const CHAT = '/v1/chat/completions';
const ASKS = { stream: true, stream_options: { include_usage: true } };
const REFUSAL = 'Unknown parameter: stream_options.';

const chunk = (fields: object): string =>
  `data: ${JSON.stringify({ id: 'chatcmpl-fake', object: 'chat.completion.chunk', ...fields })}\n\n`;
const TEXT = [
  chunk({ choices: [{ index: 0, delta: { content: 'Zażółć ' } }], usage: null }),
  ': wait\n\n',
  chunk({ choices: [{ index: 0, delta: { content: '{"choices":[],"usage":{}}' } }], usage: null }),
  chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: null }),
];
const USAGE = chunk({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 12, total_tokens: 21 } });
const DONE = 'data: [DONE]\n\n';
const WITHOUT_USAGE = [...TEXT, DONE].join('');
const WITH_USAGE = [...TEXT, USAGE, DONE].join('');

/** Pieces that end anywhere but at the end of an event. */
function cut(text: string): string[] {
  return text.match(/[^]{1,37}/g) ?? [];
}

describe('streams of a channel that wants to know their usage', () => {
  let scene: RelayScene;
  let relay: RelayClient;

  beforeAll(async () => {
    scene = await RelayScene.start({ KEY_AUTO_PROBE: 'false' });
  });

  beforeEach(async () => {
    scene.upstream.reset();
    ({ relay } = await scene.serve({ keys: someKeys(3), settings: { stream_usage: true } }));
  });

  afterAll(() => scene.stop());

  function sentBodies(): string[] {
    return scene.upstream.ledger.map(({ body }) => body.toString());
  }

  it('ask for it, and take nothing but its chunk out where the client did not ask', async () => {
    scene.upstream.answer(replies.events(cut(WITH_USAGE), { delayMs: 2 }));
    const answer = await relay.chat({ stream: true });
    expect(answer.text).toBe(WITHOUT_USAGE);
    expect(JSON.parse(sentBodies()[0] ?? '')).toEqual({ ...(JSON.parse(chatBody()) as object), ...ASKS });
  });

  it('take it out of a stream that comes in one piece', async () => {
    scene.upstream.answer(replies.events([WITH_USAGE]));
    expect((await relay.chat({ stream: true })).text).toBe(WITHOUT_USAGE);
  });

  it('change no other byte of the body', async () => {
    const body =
      '{ "model":"gpt-4o","seed":12345678901234567890,  "temperature":1.0,"stream" : true,"messages":[{"role":"user","content":"\\u017c\\/"}]}';
    expect((await relay.send(CHAT, { body })).status).toBe(200);
    expect(sentBodies()[0]?.replace('"stream_options":{"include_usage":true},', '')).toBe(body);
  });

  it('keep what else the client has in its options', async () => {
    await relay.chat({ stream: true, stream_options: { include_obfuscation: false } });
    expect(JSON.parse(sentBodies()[0] ?? '')).toMatchObject({
      stream_options: { include_obfuscation: false, include_usage: true },
    });
  });

  it('give a client that asked what it asked for', async () => {
    scene.upstream.answer(replies.events([WITH_USAGE]));
    const body = chatBody(ASKS);
    expect((await relay.send(CHAT, { body })).text).toBe(WITH_USAGE);
    expect(sentBodies()).toEqual([body]);
  });

  it('do not ask where the client has declined', async () => {
    const body = chatBody({ stream: true, stream_options: { include_usage: false } });
    scene.upstream.answer(replies.events([WITH_USAGE]));
    expect((await relay.send(CHAT, { body })).text).toBe(WITH_USAGE);
    expect(sentBodies()).toEqual([body]);
  });

  it('ask only where there is a stream', async () => {
    await relay.chat({ stream: false });
    await relay.chat();
    await relay.send('/v1/embeddings', { body: JSON.stringify({ model: 'gpt-4o', input: 'x', stream: true }) });
    expect(sentBodies().filter((body) => body.includes('stream_options'))).toEqual([]);
  });

  it('do not ask on a channel that does not want to know', async () => {
    const { relay: other } = await scene.serve({ keys: someKeys(1) });
    scene.upstream.answer(replies.events([WITH_USAGE]));
    expect((await other.chat({ stream: true })).text).toBe(WITH_USAGE);
    expect(sentBodies()).toEqual([chatBody({ stream: true })]);
  });

  it.each([400, 422])(
    'are asked for once more without where the upstream answers %i, and then no more',
    async (status) => {
      scene.upstream.answer((exchange) => {
        const asks = exchange.entry.body.includes('stream_options');
        return (asks ? replies.status(status, { message: REFUSAL }) : replies.events([WITHOUT_USAGE]))(exchange);
      });
      const first = await relay.chat({ stream: true });
      expect([first.status, first.text]).toEqual([200, WITHOUT_USAGE]);
      const keys = scene.upstream.keysUsed();
      expect(keys[1]).toBe(keys[0]);
      for (let i = 0; i < 3; i++) expect((await relay.chat({ stream: true })).text).toBe(WITHOUT_USAGE);
      const asked = sentBodies().map((body) => body.includes('stream_options'));
      expect(asked).toEqual([true, false, false, false, false]);
      expect(sentBodies()[1]).toBe(chatBody({ stream: true }));
    },
  );

  it('show a client that asked that its upstream refuses', async () => {
    scene.upstream.answer(replies.status(400, { message: REFUSAL }));
    const answer = await relay.chat(ASKS);
    expect([answer.status, answer.text.includes(REFUSAL)]).toEqual([400, true]);
    expect(scene.upstream.ledger).toHaveLength(1);
  });

  it('show what an upstream refuses for another reason, and ask again next time', async () => {
    scene.upstream.answerNext(replies.status(400, { message: 'Your messages are too long.' }));
    expect((await relay.chat({ stream: true })).status).toBe(400);
    expect((await relay.chat({ stream: true })).status).toBe(200);
    expect(sentBodies().map((body) => body.includes('stream_options'))).toEqual([true, true]);
  });
});
