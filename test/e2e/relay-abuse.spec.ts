import { once } from 'node:events';
import { eventually } from '../support/eventually';
import { replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { openSocket, rawPost, sendRaw, textOf } from '../support/raw-connection';
import { chatBody, errorOf, RelayClient } from '../support/relay-client';
import { closedAddress, RelayScene } from '../support/relay-scene';

const CHAT = '/v1/chat/completions';
const USAGE_CHUNK = 'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}\n\n';
const TEXT_CHUNK = 'data: {"choices":[{"delta":{"content":"x"}}]}\n\n';

describe('callers who go about it in odd ways', () => {
  let scene: RelayScene;

  beforeAll(async () => {
    scene = await RelayScene.start();
  });

  beforeEach(() => {
    scene.upstream.reset();
  });

  afterAll(() => scene.stop());

  describe('with a form whose upstream cannot be reached', () => {
    const HEAD = ['--b', 'Content-Disposition: form-data; name="model"', '', 'gpt-4o', ''].join('\r\n');
    const FILE = ['--b', 'Content-Disposition: form-data; name="file"; filename="a"', '', ''].join('\r\n');

    async function beginForm(length: number): Promise<Awaited<ReturnType<typeof openSocket>>> {
      const { relay } = await scene.serve({ keys: someKeys(1), baseUrl: await closedAddress() });
      const socket = await openSocket(relay.baseUrl);
      const lines = ['Content-Type: multipart/form-data; boundary=b', `Content-Length: ${length}`];
      const head = [
        `POST /v1/audio/transcriptions HTTP/1.1`,
        'Host: x',
        `Authorization: Bearer ${relay.token}`,
        ...lines,
      ];
      socket.write(`${head.join('\r\n')}\r\n\r\n${HEAD}${FILE}`);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 502 /);
      return socket;
    }

    it('cannot stop the program by going on with nonsense', async () => {
      const socket = await beginForm(100_000);
      socket.end('\r\n--b!!bad');
      await once(socket, 'close');
      expect((await fetch(`${scene.app.baseUrl}/livez`)).status).toBe(200);
    });

    it('can go on with another request once the form is sent', async () => {
      const rest = `${'x'.repeat(300_000)}\r\n--b--\r\n`;
      const socket = await beginForm(HEAD.length + FILE.length + rest.length);
      socket.write(`${rest}GET /v1/models HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(await textOf(socket)).toMatch(/HTTP\/1\.1 401 /);
    });
  });

  it('are told of each request the length that its answer has', async () => {
    const { relay } = await scene.serve({ keys: someKeys(1), settings: { stream_usage: true } });
    const text = `${TEXT_CHUNK}${USAGE_CHUNK}data: [DONE]\n\n`;
    scene.upstream.answerNext(({ response }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-length': text.length });
      response.end(text);
    });
    const answer = await relay.chat({ stream: true });
    expect(answer.text).toBe(`${TEXT_CHUNK}data: [DONE]\n\n`);
    expect(answer.headers.get('content-length')).toBeNull();
  });

  it('free the places of requests that they sent in a row and never waited for', async () => {
    const { channelIds } = await scene.serve({ keys: someKeys(2) });
    const limits = { channel_ids: channelIds, concurrent_requests: 2 };
    const relay = new RelayClient(scene.app.baseUrl, await scene.app.admin.createToken(limits));
    scene.upstream.answer(replies.hangMidStream(['one ']));
    const socket = await openSocket(relay.baseUrl);
    const request = rawPost(CHAT, relay.token, chatBody({ stream: true }));
    socket.write(request + request);
    await eventually(() => {
      expect(scene.upstream.ledger).toHaveLength(2);
    });
    socket.destroy();
    scene.upstream.answer(replies.normal());
    await eventually(async () => {
      const answers = await Promise.all([relay.chat(), relay.chat()]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    });
  });

  it.each([
    ['/v1/images/generations', '{"Model":"other","prompt":"x"}'],
    ['/openai/deployments/gpt-4o/chat/completions', '{"MODEL":"other"}'],
    [CHAT, '{"model":"gpt-4o","mod\\u0045l":"other"}'],
  ])('cannot name a second model to %s by its spelling', async (path, body) => {
    const { relay } = await scene.serve({ keys: someKeys(1) });
    const answer = await relay.send(path, { body });
    expect([answer.status, errorOf(answer).code]).toEqual([400, 'invalid_json']);
    expect(scene.upstream.ledger).toEqual([]);
  });

  it.each(['messages', 'messages/batches', 'responses/resp_1', 'models'])(
    'find no %s below the path of a deployment',
    async (rest) => {
      const { relay } = await scene.serve({ keys: someKeys(1) });
      const answer = await relay.send(`/openai/deployments/gpt-4o/${rest}`, { body: '{"requests":[]}' });
      expect(answer.status).toBe(404);
    },
  );

  it.each(['application/x-www-form-urlencoded', 'application/json; charset=utf-7', 'multipart/form-data; boundary=b'])(
    'cannot have their JSON read as %s',
    async (type) => {
      const { relay } = await scene.serve({ keys: someKeys(1) });
      expect((await relay.chat({}, { 'content-type': type })).status).toBe(200);
      expect(scene.upstream.ledger[0]?.headers['content-type']).toBe('application/json');
    },
  );

  it('reach no channel with a model that it does not serve by going on from a response', async () => {
    const small = { keys: someKeys(1), models: ['small'] };
    const { relay } = await scene.serve(small, { keys: someKeys(1), models: ['large'] });
    scene.upstream.answerNext(replies.json(200, { id: 'resp_of_small' }));
    await relay.send('/v1/responses', { body: '{"model":"small","input":"x"}' });
    const body = '{"model":"large","input":"x","previous_response_id":"resp_of_small"}';
    const answer = await relay.send('/v1/responses', { body });
    expect([answer.status, errorOf(answer).code]).toEqual([404, 'model_not_found']);
    expect(scene.upstream.ledger).toHaveLength(1);
  });

  it('hear of a token in the URL before anything else', async () => {
    const raw = `GET /v1/models?api_key=sk-km-x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
    expect(await sendRaw(scene.app.baseUrl, raw)).toMatch(/^HTTP\/1\.1 400 [^]*token_in_url/);
  });

  it('get another key’s stream in place of an empty one', async () => {
    const { relay } = await scene.serve({ keys: someKeys(2) });
    scene.upstream.answerNext(replies.events([]));
    const answer = await relay.chat({ stream: true });
    expect([answer.status, answer.text.endsWith('data: [DONE]\n\n')]).toEqual([200, true]);
    expect(scene.upstream.ledger).toHaveLength(2);
  });

  it('are told when a stream ends within an event', async () => {
    const { relay } = await scene.serve({ keys: someKeys(1) });
    scene.upstream.answerNext(replies.events([TEXT_CHUNK, 'data: {"choi']));
    const answer = await relay.chat({ stream: true });
    expect(answer.text.startsWith(`${TEXT_CHUNK}data: {"choi\n\ndata: {"error":`)).toBe(true);
    expect(answer.text).not.toContain('[DONE]');
  });
});
