import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { eventually } from '../support/eventually';
import { type Answer, replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { openSocket, rawPost, textOf } from '../support/raw-connection';
import { chatBody, errorOf, type RelayClient } from '../support/relay-client';
import { RelayScene } from '../support/relay-scene';

const CHAT = '/v1/chat/completions';
const EVENT_STREAM = { 'content-type': 'text/event-stream; charset=utf-8' };
const MEBIBYTE = 1024 ** 2;

/** A promise that a test resolves when it is time. */
class Gate {
  open: () => void = () => undefined;
  readonly opened = new Promise<void>((resolve) => (this.open = resolve));
}

async function readChunk({ body }: Response): Promise<string> {
  const reader = body?.getReader();
  const chunk = await reader?.read();
  reader?.releaseLock();
  return Buffer.from((chunk?.value as Uint8Array | undefined) ?? []).toString();
}

describe('streaming', () => {
  let scene: RelayScene;
  let relay: RelayClient;

  beforeAll(async () => {
    scene = await RelayScene.start();
    ({ relay } = await scene.serve({ keys: someKeys(3) }));
  });

  beforeEach(() => {
    scene.upstream.reset();
  });

  afterAll(() => scene.stop());

  async function expectAborted(count = 1): Promise<void> {
    await eventually(() => {
      expect(scene.upstream.ledger.map(({ aborted }) => aborted)).toEqual(Array(count).fill(true));
    });
  }

  async function expectArrival(count = 1): Promise<void> {
    await eventually(() => {
      expect(scene.upstream.ledger).toHaveLength(count);
    });
  }

  it('passes each piece on before the upstream says more', async () => {
    const [first, second] = [new Gate(), new Gate()];
    scene.upstream.answer(async (exchange) => {
      exchange.start(200, EVENT_STREAM);
      exchange.response.flushHeaders();
      await first.opened;
      await exchange.write('data: {"n":1}\n\n');
      await second.opened;
      exchange.response.end('data: [DONE]\n\n');
    });
    const opening = relay.openStream();
    await expectArrival();
    first.open();
    const response = await opening;
    expect(response.headers.get('content-type')).toBe(EVENT_STREAM['content-type']);
    expect(await readChunk(response)).toBe('data: {"n":1}\n\n');
    second.open();
    expect(await readChunk(response)).toBe('data: [DONE]\n\n');
  });

  it('lets a client know after a while that its stream has begun, though nothing was said yet', async () => {
    const spoken = new Gate();
    scene.upstream.answer(async (exchange) => {
      exchange.start(200, EVENT_STREAM);
      await exchange.write(': wait\n\n');
      await spoken.opened;
      exchange.response.end('data: [DONE]\n\n');
    });
    const response = await relay.openStream();
    expect(await readChunk(response)).toBe(': wait\n\n');
    spoken.open();
    expect(await readChunk(response)).toBe('data: [DONE]\n\n');
  });

  it('changes no byte of a stream, whatever its pieces', async () => {
    const pieces = [
      ': comment\n\n',
      'data: {"a":"模',
      '型"}\r\n\r\n',
      'event: x\ndata: 1\ndata: 2\n\n',
      'data: [DONE]\n\n',
    ];
    scene.upstream.answer(replies.events(pieces, { delayMs: 5 }));
    const answer = await relay.chat({ stream: true });
    expect(answer.text).toBe(pieces.join(''));
  });

  it('passes compressed answers on as they are', async () => {
    const body = gzipSync('{"compressed":true}');
    scene.upstream.answer((exchange) => {
      exchange.send(200, body, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    });
    const answer = await relay.chat();
    expect([answer.text, answer.headers.get('content-encoding')]).toEqual(['{"compressed":true}', 'gzip']);
  });

  it('reads no faster than its client, and loses nothing', async () => {
    let sentBytes = 0;
    scene.upstream.answer(async (exchange) => {
      exchange.start(200, EVENT_STREAM);
      for (let i = 0; i < 64 && exchange.isOpen; i++, sentBytes += MEBIBYTE) {
        await exchange.write(Buffer.alloc(MEBIBYTE, 'x'));
      }
      exchange.response.end('the end\n\n');
    });
    const socket = await openSocket(relay.baseUrl);
    socket.write(rawPost(CHAT, relay.token, chatBody(), ['Connection: close']));
    await once(socket, 'readable');
    for (let before = -1; before !== sentBytes;) {
      before = sentBytes;
      await sleep(1_000);
    }
    // What the kernel and the two pipes hold; the rest waits at the upstream.
    expect(sentBytes).toBeLessThan(32 * MEBIBYTE);
    let received = 0;
    let tail = '';
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
      tail = (tail + chunk.subarray(-40).toString('latin1')).slice(-40);
    });
    await once(socket, 'close');
    expect(received).toBeGreaterThan(64 * MEBIBYTE);
    expect(tail).toContain('the end');
  });

  it.each<[string, Answer]>([
    ['before the head', replies.hang()],
    ['after the head', replies.hangAfterHeaders()],
    ['within a stream', replies.hangMidStream(['one '])],
    ['within an endless stream', replies.endlessComments(5)],
  ])('lets the upstream go when the client goes %s', async (_, answer) => {
    scene.upstream.answer(answer);
    const socket = await openSocket(relay.baseUrl);
    socket.resume();
    socket.write(rawPost(CHAT, relay.token, chatBody({ stream: true })));
    await expectArrival();
    socket.destroy();
    await expectAborted();
  });

  it('lets the upstream go when a client goes that reads nothing', async () => {
    scene.upstream.answer(async (exchange) => {
      exchange.start(200, EVENT_STREAM);
      while (exchange.isOpen) await exchange.write(Buffer.alloc(MEBIBYTE, 'x'));
    });
    const socket = await openSocket(relay.baseUrl);
    socket.write(rawPost(CHAT, relay.token, chatBody()));
    await once(socket, 'readable');
    await sleep(500);
    socket.destroy();
    await expectAborted();
  });

  it('lets both upstream requests go when a client goes that has pipelined them', async () => {
    scene.upstream.answer(replies.endlessComments(5));
    const socket = await openSocket(relay.baseUrl);
    socket.resume();
    socket.write(rawPost(CHAT, relay.token, chatBody()).repeat(2));
    await expectArrival(2);
    socket.destroy();
    await expectAborted(2);
  });

  it('answers pipelined requests in their order', async () => {
    scene.upstream.answerNext(replies.after(300, replies.chat('slow')), replies.chat('quick'));
    const socket = await openSocket(relay.baseUrl);
    socket.write(rawPost(CHAT, relay.token, chatBody()));
    socket.write(rawPost(CHAT, relay.token, chatBody(), ['Connection: close']));
    expect(await textOf(socket)).toMatch(/"slow"[^]*"quick"/);
  });

  it('takes a client that closes its sending side for gone', async () => {
    scene.upstream.answer(replies.endlessComments(5));
    const socket = await openSocket(relay.baseUrl);
    socket.resume();
    socket.end(rawPost(CHAT, relay.token, chatBody()));
    await expectArrival();
    await expectAborted();
  });

  it('asks no upstream when the client goes within its body', async () => {
    const socket = await openSocket(relay.baseUrl);
    const request = rawPost(CHAT, relay.token, chatBody());
    socket.write(request.slice(0, -10));
    await sleep(100);
    socket.destroy();
    expect((await relay.chat()).status).toBe(200);
    expect(scene.upstream.ledger).toHaveLength(1);
  });

  it('ends a broken stream with one error event of its own and no [DONE]', async () => {
    scene.upstream.answer(replies.resetMidStream(['one ', 'two ']));
    const { text } = await relay.chat({ stream: true });
    const events = text.split('\n\n').filter((event) => event !== '');
    expect(errorOf({ text: (events.pop() ?? '').replace(/^data: /, '') }).code).toBe('upstream_error');
    expect(text.match(/"error"/g)).toHaveLength(1);
    expect(text).toMatch(/one [^]*two /);
    expect(text).not.toContain('[DONE]');
  });

  it('sets its error event apart from half an event', async () => {
    scene.upstream.answer(async (exchange) => {
      exchange.start(200, EVENT_STREAM);
      await exchange.write('data: {"half":');
      await exchange.pause(100);
      exchange.sever('close');
    });
    expect((await relay.chat({ stream: true })).text).toMatch(/^data: \{"half":\n\ndata: \{"error":[^\n]*\}\n\n$/);
  });

  it.each<[string, Answer]>([
    ['is shorter than its length', replies.truncated()],
    [
      'is reset',
      async (exchange) => {
        exchange.start(200, { 'content-type': 'application/json' });
        await exchange.write('{"half":');
        await exchange.pause(100);
        exchange.sever('reset');
      },
    ],
    [
      'is a compressed stream',
      async (exchange) => {
        exchange.start(200, { ...EVENT_STREAM, 'content-encoding': 'gzip' });
        await exchange.write(gzipSync('data: 1\n\n'));
        await exchange.pause(100);
        exchange.sever('close');
      },
    ],
  ])('cuts the connection when an answer %s', async (_, answer) => {
    scene.upstream.answer(answer);
    await expect(relay.chat()).rejects.toThrow();
    expect((await relay.send('/v1/models')).status).toBe(200);
  });
});
