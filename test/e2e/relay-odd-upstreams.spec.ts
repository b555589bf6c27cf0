import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { eventually } from '../support/eventually';
import { replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { errorOf, type RelayClient } from '../support/relay-client';
import { RelayScene } from '../support/relay-scene';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** A TCP server that answers every request with the same characters. */
class BluntUpstream {
  answer = OK;
  closesAfterwards = false;
  requests = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', () => {
        this.requests++;
        socket.write(this.answer, 'latin1');
        if (this.closesAfterwards) socket.end();
      });
    });
  }

  static async start(): Promise<BluntUpstream> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new BluntUpstream(server);
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  reset(): void {
    Object.assign(this, { answer: OK, closesAfterwards: false, requests: 0 });
    for (const socket of this.sockets) socket.destroy();
  }

  stop(): void {
    this.reset();
    this.server.close();
  }
}

describe('odd upstreams', () => {
  let scene: RelayScene;
  let blunt: BluntUpstream;
  let relay: RelayClient;

  beforeAll(async () => {
    scene = await RelayScene.start({ KEY_AUTO_PROBE: 'false' });
    blunt = await BluntUpstream.start();
    ({ relay } = await scene.serve({ keys: someKeys(3), baseUrl: blunt.baseUrl }));
  });

  beforeEach(() => {
    blunt.reset();
    scene.upstream.reset();
  });

  afterAll(async () => {
    blunt.stop();
    await scene.stop();
  });

  it.each<[string, string, number, string]>([
    ['an empty answer', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 200, ''],
    ['a 204', 'HTTP/1.1 204 No Content\r\n\r\n', 204, ''],
    ['early hints', `HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${OK}`, 200, 'ok'],
    [
      'chunks and trailers',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n',
      200,
      'ok',
    ],
    ['header bytes above ASCII', 'HTTP/1.1 200 OK\r\nX-Name: n\xf6\xff\r\nContent-Length: 2\r\n\r\nok', 200, 'ok'],
    ['a status nobody knows', 'HTTP/1.1 299 Fine\r\nContent-Length: 2\r\n\r\nok', 299, 'ok'],
  ])('passes %s on', async (_, answer, status, text) => {
    blunt.answer = answer;
    const received = await relay.chat();
    expect([received.status, received.text, blunt.requests]).toEqual([status, text, 1]);
  });

  it.each<[string, string]>([
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['a head of 40 KB', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(40_000)}\r\nContent-Length: 2\r\n\r\nok`],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok'],
    ['a control character in a header', 'HTTP/1.1 200 OK\r\nX: a\x01b\r\nContent-Length: 2\r\n\r\nok'],
    [
      'an upgrade that nobody asked for',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    ],
  ])('answers 502 after %s from two keys', async (_, answer) => {
    blunt.answer = answer;
    const received = await relay.chat();
    expect([received.status, errorOf(received).code, blunt.requests]).toEqual([502, 'upstream_error', 2]);
  });

  it('answers 502 after a status above 599 from every key', async () => {
    blunt.answer = 'HTTP/1.1 999 No\r\nContent-Length: 2\r\n\r\nok';
    const received = await relay.chat();
    expect([received.status, errorOf(received).code, blunt.requests]).toEqual([502, 'upstream_error', 3]);
  });

  it('passes an answer on that ends with its connection', async () => {
    blunt.answer = 'HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{"ok":true}';
    blunt.closesAfterwards = true;
    for (let i = 0; i < 3; i++) expect((await relay.chat()).text).toBe('{"ok":true}');
  });

  it('serves on when the upstream closes its connections after each answer', async () => {
    blunt.closesAfterwards = true;
    for (let i = 0; i < 50; i++) expect((await relay.chat()).status).toBe(200);
    expect(blunt.requests).toBe(50);
  });

  it('never takes what follows an answer for the answer to the next request', async () => {
    blunt.answer = `${OK}HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled`;
    for (let i = 0; i < 20; i++) {
      expect((await relay.chat()).text).toBe('ok');
    }
  });

  it('lets a failed answer go that does not end', async () => {
    const { relay: other } = await scene.serve({ keys: someKeys(2) });
    scene.upstream.answerNext(async (exchange) => {
      exchange.start(503, { 'content-type': 'text/plain' });
      while (exchange.isOpen) {
        await exchange.write('.');
        await exchange.pause(20);
      }
    });
    expect((await other.chat()).status).toBe(200);
    await eventually(() => {
      expect(scene.upstream.ledger[0]).toMatchObject({ aborted: true });
    });
  });

  it('judges a refusal of a key that does not end by its beginning, and lets it go', async () => {
    const keys = someKeys(2);
    const { relay: other } = await scene.serve({ keys });
    scene.upstream.answerNext(async (exchange) => {
      exchange.start(401, { 'content-type': 'application/json' });
      await exchange.write('{"error":{"message":"Incorrect API key provided');
    });
    expect((await other.chat()).status).toBe(200);
    expect(scene.upstream.keysUsed()).toEqual(keys);
    await eventually(() => {
      expect(scene.upstream.ledger[0]).toMatchObject({ aborted: true });
    });
  });

  it('answers with the status of a refusal that breaks off, in words of its own', async () => {
    const { relay: other } = await scene.serve({ keys: someKeys(2) });
    scene.upstream.answer(async (exchange) => {
      exchange.start(400, { 'content-type': 'application/json', 'content-length': 100 });
      await exchange.write('{"error":{"message":"half a sen');
      exchange.sever('close');
    });
    const answer = await other.chat();
    expect([answer.status, errorOf(answer).code]).toEqual([400, 'upstream_error']);
    expect(answer.text).not.toContain('half a sen');
    expect(scene.upstream.ledger).toHaveLength(1);
  });

  it('holds blank bytes back until it is clear what follows them', async () => {
    const { relay: other } = await scene.serve({ keys: someKeys(2) });
    scene.upstream.answerNext(
      async (exchange) => {
        exchange.start(200, { 'content-type': 'application/json' });
        for (const piece of ['\n', '\n', '{"err', 'or":{"message":"no"}}']) {
          await exchange.write(piece);
          await exchange.pause(20);
        }
        exchange.response.end();
      },
      replies.raw(async (exchange) => {
        exchange.start(200, { 'content-type': 'application/json' });
        for (const piece of ['\n', '\n', '{"i', 'd":"x"}']) {
          await exchange.write(piece);
          await exchange.pause(20);
        }
        exchange.response.end();
      }),
    );
    const answer = await other.chat();
    expect([answer.status, answer.text]).toEqual([200, '\n\n{"id":"x"}']);
  });

  it('goes to the next key when an answer breaks off before its first byte', async () => {
    const keys = someKeys(2);
    const { relay: other } = await scene.serve({ keys });
    scene.upstream.answerNext(async (exchange) => {
      exchange.start(200, { 'content-type': 'application/json', 'content-length': 100 });
      exchange.response.flushHeaders();
      await exchange.pause(100);
      exchange.sever('close');
    }, replies.chat('from the next key'));
    const answer = await other.chat();
    expect([answer.status, answer.headers.get('content-length')]).not.toEqual([200, '100']);
    expect(answer.text).toContain('from the next key');
  });
});
