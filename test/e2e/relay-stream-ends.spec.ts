import { eventually } from '../support/eventually';
import { type Answer, replies } from '../support/fake-upstream-replies';
import { HealthView } from '../support/health-view';
import { someKeys } from '../support/keys';
import { openSocket, rawPost } from '../support/raw-connection';
import { chatBody, errorOf, type RelayClient } from '../support/relay-client';
import { RelayScene, tally } from '../support/relay-scene';

const CHAT = '/v1/chat/completions';
const EVENT_STREAM = { 'content-type': 'text/event-stream' };
const EVENT = 'data: {"n":1}\n\n';

const errorEvent = (error: object): string => `data: ${JSON.stringify({ error })}\n\n`;

describe('ends of streams', () => {
  let scene: RelayScene;
  let relay: RelayClient;
  let channelId: number;

  beforeAll(async () => {
    scene = await RelayScene.start({ KEY_AUTO_PROBE: 'false' });
  });

  beforeEach(async () => {
    scene.upstream.reset();
    const { relay: client, channelIds } = await scene.serve({ keys: someKeys(2) });
    relay = client;
    channelId = channelIds[0] ?? 0;
  });

  afterAll(() => scene.stop());

  async function expectNoMark(): Promise<void> {
    const view = new HealthView(scene.app, channelId);
    expect((await view.keys()).map(({ status, http_status }) => [status, http_status])).toEqual([
      [1, null],
      [1, null],
    ]);
    expect((await view.channel()).breaker.state).toBe('closed');
    expect(await view.coolingKeys()).toBe(0);
  }

  it('in one error event where the upstream breaks off', async () => {
    scene.upstream.answer(async (exchange) => {
      exchange.start(200, EVENT_STREAM);
      await exchange.write(EVENT);
      await exchange.pause(100);
      exchange.sever('reset');
    });
    const answer = await relay.chat({ stream: true });
    const [, error = ''] = /^data: (\{"error":\{[^\n]*\})\n\n$/.exec(answer.text.replace(EVENT, '')) ?? [];
    expect([answer.status, errorOf({ text: error }).code]).toEqual([200, 'upstream_error']);
  });

  it.each([
    ['is rate limited', { message: 'Rate limit reached', type: 'requests', code: 'rate_limit_exceeded' }],
    ['has no quota left', { message: 'No quota', type: 'insufficient_quota', code: 'insufficient_quota' }],
    ['is not valid', { message: 'Incorrect API key provided', type: 'invalid_request_error', code: 'invalid_api_key' }],
  ])('pass on an error event of the upstream: a key that %s is used no more', async (_, error) => {
    const pieces = [EVENT, errorEvent(error)];
    scene.upstream.answerNext(replies.events(pieces, { delayMs: 20 }));
    expect((await relay.chat({ stream: true })).text).toBe(pieces.join(''));
    const [first = ''] = scene.upstream.keysUsed();
    for (let i = 0; i < 4; i++) expect((await relay.chat()).status).toBe(200);
    expect(tally([first], scene.upstream.keysUsed())).toEqual([1]);
  });

  it('pass on that the upstream is in trouble, which is no fault of its keys', async () => {
    const trouble = errorEvent({ message: 'The server had an error', type: 'server_error', code: null });
    scene.upstream.answer(replies.events([EVENT, trouble], { delayMs: 20 }));
    for (let i = 0; i < 3; i++) expect((await relay.chat({ stream: true })).text).toBe(`${EVENT}${trouble}`);
    const keys = await new HealthView(scene.app, channelId).keys();
    expect(keys.map(({ status }) => status)).toEqual([1, 1]);
  });

  it.each<[string, Answer]>([
    ['before the head', replies.hang()],
    ['within a stream', replies.stream(Array<string>(2_000).fill('word '), { delayMs: 20 })],
    ['within a silence', replies.hangMidStream(['one '])],
  ])('let the upstream go soon when their client goes %s, with no mark on the key', async (_, answer) => {
    scene.upstream.answer(answer);
    const socket = await openSocket(relay.baseUrl);
    socket.resume();
    socket.write(rawPost(CHAT, relay.token, chatBody({ stream: true })));
    await eventually(() => {
      expect(scene.upstream.ledger).toHaveLength(1);
    });
    const goneAtMs = Date.now();
    socket.destroy();
    await eventually(() => {
      expect(scene.upstream.ledger.map(({ aborted }) => aborted)).toEqual([true]);
    });
    // The promise is one second; the machine may be busy.
    expect((scene.upstream.ledger[0]?.endedAt ?? Infinity) - goneAtMs).toBeLessThan(5_000);
    await expectNoMark();
  });
});
