import { gzipSync } from 'node:zlib';
import { replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { errorOf } from '../support/relay-client';
import { RelayScene } from '../support/relay-scene';

const BAD_KEY = { message: 'Incorrect API key provided', type: 'invalid_request_error', code: 'invalid_api_key' };
const BAD_REQUEST = { message: 'There is no such voice', type: 'invalid_request_error', param: 'voice', code: null };

describe('errors that come as a success', () => {
  let scene: RelayScene;

  beforeAll(async () => {
    scene = await RelayScene.start({ KEY_AUTO_PROBE: 'false' });
  });

  beforeEach(() => {
    scene.upstream.reset();
  });

  afterAll(() => scene.stop());

  it.each([
    ['a body', replies.json(200, { error: BAD_KEY })],
    ['the first event of a stream', replies.events([`data: ${JSON.stringify({ error: BAD_KEY })}\n\n`])],
    ['an event called so', replies.events(['event: error\n', `data: ${JSON.stringify({ error: BAD_KEY })}\n\n`])],
    ['an event after comments', replies.events([': wait\n\n', ': wait\n\n', `data: {"type":"error"}\n\n`])],
    ['a bare error sent as a stream', replies.events([JSON.stringify({ error: BAD_KEY })])],
    ['a page', replies.html(200)],
  ])('in %s send the request to the next key, and show nothing of themselves', async (_, failing) => {
    const keys = someKeys(2);
    const { relay } = await scene.serve({ keys });
    scene.upstream.answerNext(failing);
    const answer = await relay.chat({ stream: true });
    expect([answer.status, scene.upstream.keysUsed()]).toEqual([200, keys]);
    expect(answer.text).toMatch(/^data: .*"object":"chat\.completion\.chunk"/);
    expect(answer.text).not.toMatch(/error|wait|html/);
  });

  it.each([
    ['a body', replies.json(200, { error: BAD_REQUEST })],
    ['a stream', replies.events([`data: ${JSON.stringify({ error: BAD_REQUEST })}\n\n`, 'data: [DONE]\n\n'])],
  ])('about the request, in %s, reach the client once with a status that fits', async (_, failing) => {
    const { relay } = await scene.serve({ keys: someKeys(2) });
    scene.upstream.answer(failing);
    const answer = await relay.chat({ stream: true });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([400, { error: BAD_REQUEST }]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(scene.upstream.ledger).toHaveLength(1);
  });

  it('take the status that they name themselves', async () => {
    const { relay } = await scene.serve({ keys: someKeys(2) });
    scene.upstream.answer(replies.json(200, { object: 'error', message: 'too long', code: 422 }));
    expect((await relay.chat()).status).toBe(422);
  });

  it('of an upstream in trouble become a 502 in the end', async () => {
    const { relay } = await scene.serve({ keys: someKeys(2) });
    scene.upstream.answer(replies.html(200));
    const answer = await relay.chat();
    expect([answer.status, errorOf(answer).code]).toEqual([502, 'upstream_error']);
    expect(scene.upstream.ledger).toHaveLength(2);
  });

  it('pass as they are once the answer has begun, or when it is compressed', async () => {
    const { relay } = await scene.serve({ keys: someKeys(2) });
    const pieces = ['data: {"id":1}\n\n', `data: ${JSON.stringify({ error: BAD_KEY })}\n\n`];
    scene.upstream.answerNext(replies.events(pieces, { delayMs: 20 }));
    expect((await relay.chat({ stream: true })).text).toBe(pieces.join(''));
    scene.upstream.answerNext((exchange) => {
      const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
      exchange.send(200, gzipSync(JSON.stringify({ error: BAD_KEY })), headers);
    });
    const compressed = await relay.chat();
    expect([compressed.status, JSON.parse(compressed.text)]).toEqual([200, { error: BAD_KEY }]);
  });

  it('are none when they are null or false', async () => {
    const { relay } = await scene.serve({ keys: someKeys(2) });
    scene.upstream.answerNext(replies.json(200, { error: null, ok: true }), replies.json(200, { error: false }));
    expect((await relay.chat()).text).toBe('{"error":null,"ok":true}');
    expect((await relay.chat()).text).toBe('{"error":false}');
  });
});
