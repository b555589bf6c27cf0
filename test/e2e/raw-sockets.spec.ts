import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { eventually } from '../support/eventually';
import { replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { rawCorpus } from '../support/raw-corpus';
import { openSocket, rawPost, sendRaw, textOf } from '../support/raw-connection';
import { chatBody, errorOf, type RelayClient } from '../support/relay-client';
import { RelayScene } from '../support/relay-scene';
import { SlowSockets } from '../support/slow-sockets';
import { timeChats } from '../support/timed-chats';

const SLOW_SOCKETS = 1000;
const WARM_UP = 100;
const HEALTHY_REQUESTS = 400;
// Twice is the aim; on a shared machine a single pause of the process makes more of it.
const GENEROUS_RATIO = 10;
const CHAT = '/v1/chat/completions';
const TABLE_ROW = /^\| (?<title>[^|]+?) +\| (?<status>\d{3}) +\| (?:`(?<code>\w+)`|–) +\|$/gm;

/** What docs/http-edge.md says of each request of the corpus. */
const DOCUMENTED = [...readFileSync(resolve(__dirname, '../../docs/http-edge.md'), 'utf8').matchAll(TABLE_ROW)].map(
  ({ groups }) => ({
    title: groups?.['title'] ?? '',
    status: groups?.['status'] ?? '',
    code: groups?.['code'] ?? null,
  }),
);

describe('requests as bytes on a socket', () => {
  let scene: RelayScene;
  let relay: RelayClient;

  beforeAll(async () => {
    scene = await RelayScene.start({ RELAY_REQUEST_TIMEOUT: '2s' });
    ({ relay } = await scene.serve({ keys: someKeys(3) }));
  });

  beforeEach(() => {
    scene.upstream.reset();
  });

  afterEach(async () => {
    scene.upstream.reset();
    expect((await relay.chat()).status).toBe(200);
  });

  afterAll(() => scene.stop());

  function get(path: string, lines: readonly string[] = []): string {
    const head = [`GET ${path} HTTP/1.1`, 'Host: gateway.test', `Authorization: Bearer ${relay.token}`, ...lines];
    return `${head.join('\r\n')}\r\n\r\n`;
  }

  it('are all in the table of docs/http-edge.md', () => {
    expect(DOCUMENTED.map(({ title }) => title)).toEqual([...rawCorpus('', '').keys()]);
  });

  it.each(DOCUMENTED)('end as documented, and the connection with them: $title', async ({ title, status, code }) => {
    const { bytes = '', isEnded = false } = rawCorpus(relay.token, chatBody()).get(title) ?? {};
    const socket = await openSocket(relay.baseUrl);
    socket.write(bytes);
    if (isEnded) socket.end();
    const answer = await textOf(socket);
    expect(statusesOf(answer)).toEqual([status]);
    expect(answer).toMatch(/^connection: close\r$/im);
    expect(answer).toMatch(/^x-request-id: [\w-]{36}\r$/im);
    if (code === null) return;
    expect(errorOf({ text: bodyOf(answer) }).code).toBe(code);
    expect(answer).not.toMatch(/gateway\.test|HPE_|xxx|sk-km-[0-9A-Z]{4}/i);
    expect(scene.upstream.ledger).toEqual([]);
  });

  it('are answered in their order, and a broken one last', async () => {
    scene.upstream.answer(replies.after(300, replies.chat('the slow one')));
    const answer = await sendRaw(
      relay.baseUrl,
      `${rawPost(CHAT, relay.token, chatBody())}${get('/v1/models')}nonsense\r\n\r\n`,
    );
    expect(statusesOf(answer)).toEqual(['200', '200', '400']);
    expect(answer).toMatch(/the slow one[^]*"list"[^]*malformed_request/);
  });

  it('do not break into an answer that is under way', async () => {
    scene.upstream.answer(replies.stream(['one ', 'two ', 'three'], { delayMs: 100 }));
    const socket = await openSocket(relay.baseUrl);
    const text = textOf(socket);
    socket.write(rawPost(CHAT, relay.token, chatBody({ stream: true })));
    await once(socket, 'data');
    socket.write('nonsense\r\n\r\nand more nonsense\r\n');
    expect(await text).toMatch(
      /^HTTP\/1\.1 200 [^]*three[^]*data: \[DONE\]\n\n[^]*HTTP\/1\.1 400 [^]*malformed_request/,
    );
  });

  it('wait for no body that has been refused by its head', async () => {
    const expecting = rawPost(CHAT, relay.token, chatBody(), ['Expect: 100-continue', 'Connection: close']);
    const head = expecting.slice(0, expecting.indexOf('{'));
    const tooLarge = head
      .replace(/Content-Length: \d+/, `Content-Length: ${2 ** 30}`)
      .replace('\r\nConnection: close', '');
    const unknown = head.replace(relay.token, 'sk-km-unknown').replace('\r\nConnection: close', '');
    expect(statusesOf(await sendRaw(relay.baseUrl, tooLarge))).toEqual(['413']);
    expect(statusesOf(await sendRaw(relay.baseUrl, unknown))).toEqual(['401']);
    const socket = await openSocket(relay.baseUrl);
    const text = textOf(socket);
    socket.write(head);
    await once(socket, 'data');
    socket.write(chatBody());
    expect(statusesOf(await text)).toEqual(['100', '200']);
  });

  it('whose client resets within the body leave no trace', async () => {
    const socket = await openSocket(relay.baseUrl);
    socket.write(rawPost(CHAT, relay.token, chatBody()).slice(0, -5));
    await new Promise((passed) => setTimeout(passed, 100));
    socket.resetAndDestroy();
    await once(socket, 'close');
    expect((await relay.chat()).status).toBe(200);
    expect(scene.upstream.ledger).toHaveLength(1);
  });

  it('whose client closes its side count as given up, unless the answer was ready', async () => {
    const ready = await openSocket(relay.baseUrl);
    ready.end(get('/v1/models'));
    expect(statusesOf(await textOf(ready))).toEqual(['200']);
    scene.upstream.answer(replies.hang());
    const waiting = await openSocket(relay.baseUrl);
    const text = textOf(waiting);
    waiting.write(rawPost(CHAT, relay.token, chatBody()));
    await eventually(() => {
      expect(scene.upstream.ledger).toHaveLength(1);
    });
    waiting.end();
    expect(await text).toBe('');
    await eventually(() => {
      expect(scene.upstream.ledger[0]?.aborted).toBe(true);
    });
  });

  it('that never come are not answered', async () => {
    expect(await sendRaw(relay.baseUrl, '')).toBe('');
  });
});

describe('a thousand slow sockets', () => {
  let scene: RelayScene;

  beforeAll(async () => {
    scene = await RelayScene.start();
  });

  afterAll(() => scene.stop());

  it('are all closed in time, while the others are served as before', async () => {
    const { relay } = await scene.serve({ keys: someKeys(3) });
    const sockets = new SlowSockets();
    await timeChats(relay, WARM_UP);
    const before = await timeChats(relay, HEALTHY_REQUESTS);
    await sockets.open(relay.baseUrl, SLOW_SOCKETS);
    const during = await timeChats(relay, HEALTHY_REQUESTS);
    expect(sockets.openCount).toBe(SLOW_SOCKETS);
    await eventually(() => {
      expect(sockets.openCount).toBe(0);
    });
    sockets.stop();
    const ratio = during.p99Ms / before.p99Ms;
    process.stdout.write(`p99 with 1,000 slow sockets: ${ratio.toFixed(2)} times that without\n`);
    expect([before.succeeded, during.succeeded]).toEqual([HEALTHY_REQUESTS, HEALTHY_REQUESTS]);
    expect(ratio).toBeLessThan(GENEROUS_RATIO);
    expect(sockets.answered).toBe(SLOW_SOCKETS);
  });
});

function statusesOf(answer: string): (string | undefined)[] {
  return [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status);
}

function bodyOf(answer: string): string {
  return answer.slice(answer.indexOf('\r\n\r\n') + 4);
}
