import { once } from 'node:events';
import { eventually } from '../support/eventually';
import type { Exchange } from '../support/fake-upstream-exchange';
import { type Answer, replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { openSocket, rawPost } from '../support/raw-connection';
import { chatBody, errorOf, type RelayClient } from '../support/relay-client';
import { RelayScene, tally } from '../support/relay-scene';

const CHAT = '/v1/chat/completions';
const EVENT_STREAM = { 'content-type': 'text/event-stream' };
const MEBIBYTE = 1024 ** 2;
const DONE = 'data: [DONE]\n\n';
/** The one event that ends a stream which is not whole. */
const ONE_ERROR = /^data: (\{"error":\{[^\n]*\}\})\n\n$/;

/** A stream of a first event and then of this alone. */
function endless(piece: string, delayMs = 50): Answer {
  return async (exchange) => {
    exchange.start(200, EVENT_STREAM);
    await exchange.write('data: {"n":1}\n\n');
    while (exchange.isOpen) {
      await exchange.write(piece);
      await exchange.pause(delayMs);
    }
  };
}

/** What follows these pieces in a text, each of them any number of times. */
function lastOf(text: string, ...pieces: readonly string[]): string {
  return pieces.reduce((rest, piece) => rest.replaceAll(piece, ''), text);
}

describe('limits of streams', () => {
  let scene: RelayScene;
  let relay: RelayClient;
  const keys = someKeys(2);

  function startsWith(environment: Readonly<Record<string, string>>): void {
    beforeAll(async () => {
      scene = await RelayScene.start({ KEY_AUTO_PROBE: 'false', ...environment });
    });

    beforeEach(async () => {
      scene.upstream.reset();
      ({ relay } = await scene.serve({ keys }));
    });

    afterAll(() => scene.stop());
  }

  /** Whoever asked the upstream has gone, and had asked once. */
  async function expectLetGo(): Promise<void> {
    await eventually(() => {
      expect(scene.upstream.ledger.map(({ aborted }) => aborted)).toEqual([true]);
    });
  }

  describe('of their silences', () => {
    startsWith({ RELAY_IDLE_TIMEOUT: '2s' });

    it.each([
      ['comments', ': ping\n\n'],
      ['empty lines', '\n'],
      ["Anthropic's pings", 'event: ping\ndata: {"type": "ping"}\n\n'],
      ['events without data', 'event: x\nid: 1\n\n'],
    ])('end a stream that says nothing but %s', async (_, piece) => {
      scene.upstream.answer(endless(piece));
      const { text } = await relay.chat({ stream: true });
      const [, error = ''] = /\ndata: (\{"error":[^\n]*\})\n\n$/.exec(text) ?? [];
      expect(errorOf({ text: error }).code).toBe('upstream_timeout');
      expect(text.match(/"error"/g)).toHaveLength(1);
      expect(text).not.toContain('[DONE]');
      await expectLetGo();
    });

    it('end a stream that never says more than comments', async () => {
      scene.upstream.answer(replies.endlessComments(50));
      const answer = await relay.chat({ stream: true });
      expect([answer.status, lastOf(answer.text, ': keep-alive\n\n')]).toEqual([
        200,
        expect.stringMatching(ONE_ERROR) as string,
      ]);
      await expectLetGo();
    });

    it('let one go on whose events come in time, though each takes several pieces', async () => {
      const pieces = Array<string[]>(12).fill(['data: {"n"', ':1}\n', '\n']).flat();
      scene.upstream.answer(replies.events([...pieces, DONE], { delayMs: 60 }));
      const { text } = await relay.chat({ stream: true });
      expect(text).toBe([...pieces, DONE].join(''));
    });

    it('cut off a client that reads nothing, and let its upstream go', async () => {
      scene.upstream.answer(endless(`data: ${'x'.repeat(MEBIBYTE)}\n\n`, 0));
      const socket = await openSocket(relay.baseUrl);
      socket.write(rawPost(CHAT, relay.token, chatBody({ stream: true })));
      await once(socket, 'readable');
      await expectLetGo();
      scene.upstream.reset();
      for (let i = 0; i < 4; i++) expect((await relay.chat()).status).toBe(200);
      expect(tally(keys, scene.upstream.keysUsed())).toEqual([2, 2]);
      socket.resume();
      await once(socket, 'close');
    });

    it('do not count the time in which a client does not read against its upstream', async () => {
      scene.upstream.answer(async (exchange: Exchange) => {
        exchange.start(200, EVENT_STREAM);
        for (let i = 0; i < 40; i++) await exchange.write(`data: ${'x'.repeat(MEBIBYTE)}\n\n`);
        exchange.response.end(DONE);
      });
      const socket = await openSocket(relay.baseUrl);
      socket.write(rawPost(CHAT, relay.token, chatBody({ stream: true }), ['Connection: close']));
      let tail = '';
      socket.on('data', (chunk: Buffer) => {
        tail = (tail + chunk.subarray(-40).toString('latin1')).slice(-40);
        // Slow, but never for as long as the limit.
        socket.pause();
        setTimeout(() => socket.resume(), 2);
      });
      await once(socket, 'close');
      expect(tail).toContain('data: [DONE]');
    });
  });

  describe('of their silences, kept alive', () => {
    startsWith({ RELAY_KEEP_ALIVE: '100ms' });

    it('get comments between events and none within one', async () => {
      scene.upstream.answer(async (exchange) => {
        exchange.start(200, EVENT_STREAM);
        for (const piece of ['data: {"n":1}\n\n', 'event: x\r\ndata: {"ha', 'lf":true}\r\n', '\r\n', DONE]) {
          await exchange.write(piece);
          await exchange.pause(700);
        }
        exchange.response.end();
      });
      const { text } = await relay.chat({ stream: true });
      expect(text).toMatch(
        /^data: \{"n":1\}\n\n(: keep-alive\n\n)+event: x\r\ndata: \{"half":true\}\r\n\r\n(: keep-alive\n\n)+data: \[DONE\]\n\n(: keep-alive\n\n)+$/,
      );
    });

    it('get comments where the channel waits for the usage, and still none within an event', async () => {
      const cast = await scene.serve({ keys: someKeys(1), settings: { stream_usage: true } });
      const usage = ['data: {"choices":[],"us', 'age":{"prompt_tokens":1,"completion_tokens":1}}\n', '\n'];
      scene.upstream.answer(replies.events(['data: {"n":1}\n\n', ...usage, DONE], { delayMs: 500 }));
      const { text } = await cast.relay.chat({ stream: true });
      expect(text).toMatch(/^data: \{"n":1\}\n\n(: keep-alive\n\n)+data: \[DONE\]\n\n(: keep-alive\n\n)+$/);
    });

    it('get none in what is no stream of events', async () => {
      const body = '{"object":"chat.completion","choices":[]}';
      scene.upstream.answer(async (exchange) => {
        exchange.start(200, { 'content-type': 'application/json' });
        await exchange.write(body.slice(0, 20));
        await exchange.pause(700);
        exchange.response.end(body.slice(20));
      });
      expect((await relay.chat()).text).toBe(body);
    });
  });

  describe('of their whole time', () => {
    startsWith({ RELAY_TOTAL_TIMEOUT: '2s' });

    it.each<[string, Answer]>([
      ['no head', replies.hang()],
      ['a head and no body', replies.hangAfterHeaders('application/json')],
      ['no more than the beginning of a refusal', replies.hangAfterHeaders('text/html')],
    ])('answer 504 when there is %s, and let the upstream go', async (_, answer) => {
      scene.upstream.answer(answer);
      const refused = await relay.chat();
      expect([refused.status, errorOf(refused).code]).toEqual([504, 'upstream_timeout']);
      expect(refused.headers.get('x-should-retry')).toBe('false');
      await expectLetGo();
    });

    it('end a stream that would go on for ever with one error event and no [DONE]', async () => {
      scene.upstream.answer(endless('data: {"n":1}\n\n', 20));
      const { text } = await relay.chat({ stream: true });
      expect(lastOf(text, 'data: {"n":1}\n\n')).toMatch(ONE_ERROR);
      await expectLetGo();
    });
  });
});
