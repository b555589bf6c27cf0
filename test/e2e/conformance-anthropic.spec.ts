import Anthropic from '@anthropic-ai/sdk';
import { jsonAnswer } from '../support/api-answer';
import { eachOf, failureOf } from '../support/client-calls';
import { ConformanceScene } from '../support/conformance-scene';
import { eventually } from '../support/eventually';
import { someKeys } from '../support/keys';
import type { Endpoint, Passage } from '../support/passage';
import { PRIVATE_HEADERS } from '../support/passed-headers';

const MODEL = 'claude-sonnet-5';
const messages = [{ role: 'user' as const, content: 'Grüße, 世界' }];
const MESSAGE = { model: MODEL, max_tokens: 100, messages };
const TOOL = { name: 'weather', input_schema: { type: 'object' as const, properties: { city: { type: 'string' } } } };

describe('the client of Anthropic', () => {
  let scene: ConformanceScene;
  let passage: Passage;

  beforeAll(async () => {
    scene = await ConformanceScene.start();
    passage = await scene.serve({ type: 'anthropic' });
  });

  beforeEach(() => {
    passage.forget();
  });

  afterAll(() => scene.stop());

  function connect({ baseUrl, apiKey }: Endpoint, maxRetries = 0): Anthropic {
    return new Anthropic({ baseURL: baseUrl, apiKey, maxRetries, defaultHeaders: PRIVATE_HEADERS });
  }

  it.each<[string, (client: Anthropic) => Promise<unknown>]>([
    ['a message', (client) => client.messages.create({ ...MESSAGE, system: 'Be short.', tools: [TOOL] })],
    ['a streamed message', (client) => client.messages.stream(MESSAGE).finalMessage()],
    ['the events of a message', async (client) => eachOf(await client.messages.create({ ...MESSAGE, stream: true }))],
    [
      'a message with what is in beta',
      (client) => client.beta.messages.create({ ...MESSAGE, betas: ['context-1m-2025-08-07'] }),
    ],
    ['the tokens of a message', (client) => client.messages.countTokens({ model: MODEL, messages })],
  ])('gets %s as from Anthropic itself, every byte passed', async (_, call) => {
    await passage.expectSame((endpoint) => call(connect(endpoint)));
  });

  it('gets an error of its own making as from Anthropic itself', async () => {
    const error = { type: 'invalid_request_error', message: 'max_tokens: too large' };
    await passage.expectSame((endpoint) => {
      scene.upstream.answerNext(jsonAnswer({ type: 'error', error, request_id: 'req_up' }, 400));
      return failureOf(connect(endpoint).messages.create(MESSAGE));
    });
  });

  it('names the version of the API to the upstream where a client names none', async () => {
    const { baseUrl, apiKey } = passage.through;
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` };
    const answer = await fetch(`${baseUrl}/v1/messages`, { method: 'POST', headers, body: JSON.stringify(MESSAGE) });
    expect([answer.status, (await answer.text()).length > 0]).toEqual([200, true]);
    passage.expectPassed();
  });

  it('finds a batch with the key that made it', async () => {
    const requests = ['one', 'two'].map((custom_id) => ({ custom_id, params: MESSAGE }));
    await passage.expectSame(async (endpoint) => {
      const { batches } = connect(endpoint).messages;
      const batch = await batches.create({ requests });
      return [
        batch,
        await batches.retrieve(batch.id),
        await eachOf(await batches.results(batch.id)),
        await batches.cancel(batch.id),
        await batches.delete(batch.id),
      ];
    });
    expect(new Set(passage.keysUsed).size).toBe(1);
    // The results are two: the client asks the batch where they are.
    expect(passage.keysUsed).toHaveLength(6);
  });

  it('stops the upstream when it aborts a stream', async () => {
    scene.upstream.answerNext({ ...jsonAnswer({}), pieces: [], ends: false });
    const stream = connect(passage.through).messages.stream(MESSAGE);
    await eventually(() => {
      expect(scene.upstream.exchanges).toHaveLength(1);
    });
    stream.abort();
    await expect(stream.done()).rejects.toBeInstanceOf(Anthropic.APIUserAbortError);
    await eventually(() => {
      expect(scene.upstream.exchanges[0]?.isAborted).toBe(true);
    });
  });

  it('lists the models that its token may use', async () => {
    const client = connect((await scene.serve({ type: 'anthropic', models: ['claude-b', 'claude-a'] })).through);
    const models = await eachOf(client.models.list());
    expect(models.map(({ id, type, display_name: name }) => [id, type, name])).toEqual([
      ['claude-a', 'model', 'claude-a'],
      ['claude-b', 'model', 'claude-b'],
    ]);
    expect(Date.parse(models[0]?.created_at ?? '')).toBeGreaterThan(0);
    expect(await client.models.retrieve('claude-b')).toMatchObject({ id: 'claude-b', type: 'model' });
  });

  it.each<[string, { apiKey?: string; model?: string }, object, string]>([
    ['a wrong token', { apiKey: 'sk-wrong' }, Anthropic.AuthenticationError, 'authentication_error'],
    ['a model that is not there', { model: 'claude-99' }, Anthropic.NotFoundError, 'not_found_error'],
  ])('throws what fits %s, in its own shape', async (_, { model = MODEL, ...change }, thrown, type) => {
    const { through } = await scene.serve({ type: 'anthropic', models: [MODEL] });
    const call = connect({ ...through, ...change }).messages.create({ ...MESSAGE, model });
    await expect(call).rejects.toMatchObject({
      constructor: thrown,
      error: {
        type: 'error',
        error: { type, message: expect.any(String) as string },
        request_id: expect.stringMatching(/^[\w.:-]{8,64}$/) as string,
      },
    });
    expect(scene.upstream.exchanges).toEqual([]);
  });

  it('throws its RateLimitError when every key is limited, and one success where one is', async () => {
    const { through } = await scene.serve({ type: 'anthropic', keys: someKeys(2) });
    const error = { type: 'rate_limit_error', message: 'This would exceed your rate limit' };
    const limited = jsonAnswer({ type: 'error', error }, 429);
    const client = connect(through);
    scene.upstream.answerNext(limited);
    expect((await client.messages.create(MESSAGE)).type).toBe('message');
    scene.upstream.answerNext(limited);
    await expect(client.messages.create(MESSAGE)).rejects.toMatchObject({
      constructor: Anthropic.RateLimitError,
      error: { type: 'error', error: { type: 'rate_limit_error' } },
    });
  });
});
