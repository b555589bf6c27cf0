import OpenAI, { AzureOpenAI } from 'openai';
import { jsonAnswer } from '../support/api-answer';
import { eachOf, failureOf } from '../support/client-calls';
import { ConformanceScene } from '../support/conformance-scene';
import { eventually } from '../support/eventually';
import { someKeys } from '../support/keys';
import type { Endpoint, Passage } from '../support/passage';
import { PRIVATE_HEADERS } from '../support/passed-headers';

type Call = (client: OpenAI) => Promise<unknown>;

const MODEL = 'gpt-4o';
const messages = [{ role: 'user' as const, content: 'Grüße, 世界' }];
const CHAT = { model: MODEL, messages };
const IMAGE_URL = `data:image/png;base64,${Buffer.alloc(150_000, 'pixels').toString('base64')}`;
const WEATHER = {
  type: 'function' as const,
  function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
};
const PERSON = { name: 'answer', strict: true, schema: { type: 'object', properties: { answer: { type: 'number' } } } };

const CALLS: Readonly<Record<string, Call>> = {
  'a chat': (client) => client.chat.completions.create({ ...CHAT, temperature: 0.7, top_p: 1e-7 }),
  'a streamed chat': async (client) => eachOf(await client.chat.completions.create({ ...CHAT, stream: true })),
  'a streamed chat with usage': async (client) => {
    const stream_options = { include_usage: true };
    return eachOf(await client.chat.completions.create({ ...CHAT, stream: true, stream_options }));
  },
  'the calls of tools': (client) => client.chat.completions.create({ ...CHAT, tools: [WEATHER], tool_choice: 'auto' }),
  'the streamed calls of tools': (client) =>
    client.chat.completions.stream({ ...CHAT, tools: [WEATHER] }).finalChatCompletion(),
  'the result of a tool': (client) =>
    client.chat.completions.create({
      ...CHAT,
      messages: [...messages, { role: 'tool', tool_call_id: 'call_1', content: '21 °C' }],
    }),
  JSON: (client) => client.chat.completions.create({ ...CHAT, response_format: { type: 'json_object' } }),
  'JSON after a schema': (client) =>
    client.chat.completions.parse({
      ...CHAT,
      response_format: { type: 'json_schema', json_schema: PERSON },
    }),
  'a chat about an image': (client) => {
    const content = [
      { type: 'text' as const, text: 'What is this?' },
      { type: 'image_url' as const, image_url: { url: IMAGE_URL } },
    ];
    return client.chat.completions.create({ model: MODEL, messages: [{ role: 'user', content }] });
  },
  'a field that nobody knows': (client) =>
    client.chat.completions.create({ ...CHAT, x_unknown: { deep: [1e-7, null] } } as never),
  'a completed text': (client) => client.completions.create({ model: 'gpt-3.5-turbo-instruct', prompt: 'one' }),
  'a streamed text': async (client) =>
    eachOf(await client.completions.create({ model: 'gpt-3.5-turbo-instruct', prompt: 'one', stream: true })),
  embeddings: (client) => client.embeddings.create({ model: 'text-embedding-3-small', input: ['one', 'two'] }),
  'embeddings as numbers': (client) =>
    client.embeddings.create({ model: 'text-embedding-3-small', input: 'one', encoding_format: 'float' }),
  'a moderation': (client) => client.moderations.create({ model: 'omni-moderation-latest', input: 'one' }),
  'a moderation by the default model': (client) => client.moderations.create({ input: 'one' }),
  'an order of documents': (client) =>
    client.post('/rerank', { body: { model: 'rerank-v3.5', query: 'one', documents: ['two', 'three'] } }),
};

describe('the client of OpenAI', () => {
  let scene: ConformanceScene;
  let passage: Passage;

  beforeAll(async () => {
    scene = await ConformanceScene.start();
    passage = await scene.serve({ header_override: { 'x-title': 'Keymux', 'x-stainless-os': null } });
  });

  afterAll(() => scene.stop());

  function connect({ baseUrl, apiKey }: Endpoint): OpenAI {
    const defaultHeaders = { ...PRIVATE_HEADERS, origin: 'https://page.test', 'openai-beta': 'assistants=v2' };
    const account = { organization: 'org-of-the-client', project: 'project-of-the-client' };
    return new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey, maxRetries: 0, defaultHeaders, ...account });
  }

  it.each(Object.entries(CALLS))('gets %s as from OpenAI itself, every byte passed', async (_, call) => {
    await passage.expectSame((endpoint) => call(connect(endpoint)));
  });

  it.each([400, 404, 413, 422])('gets a %s of its own making as from OpenAI itself', async (status) => {
    const error = { message: 'Your own fault: 世界.', type: 'invalid_request_error', param: 'messages', code: 'own' };
    await passage.expectSame((endpoint) => {
      scene.upstream.answerNext(jsonAnswer({ error }, status));
      return failureOf(connect(endpoint).chat.completions.create(CHAT));
    });
  });

  it.each([
    ['a limited key', 429, 'rate_limit_exceeded'],
    ['a refused key', 401, 'invalid_api_key'],
  ])('sees one success where %s stood in the way, and the same request went twice', async (_, status, code) => {
    const two = await scene.serve({ keys: someKeys(2) });
    two.forget();
    scene.upstream.answerNext(jsonAnswer({ error: { message: 'Not with this key.', type: 'requests', code } }, status));
    expect((await connect(two.through).chat.completions.create(CHAT)).choices).toHaveLength(1);
    const [sent, ...others] = two.requests;
    expect(others).toEqual([]);
    expect(new Set(two.keysUsed).size).toBe(2);
    for (const reached of scene.upstream.exchanges) if (sent) two.expectRequestPassed(sent, reached);
  });

  it('multiplies its own retries by fewer of ours', async () => {
    const { through, upstream } = await scene.serve({ keys: someKeys(8) });
    const attempts = async (retryCount: number): Promise<number> => {
      upstream.forget();
      const down = jsonAnswer({ error: { message: 'down', type: 'server_error', code: null } }, 500);
      upstream.answerNext(down, down, down);
      const headers = { 'x-stainless-retry-count': String(retryCount) };
      await connect(through)
        .chat.completions.create(CHAT, { headers })
        .catch(() => undefined);
      return upstream.exchanges.length;
    };
    expect([await attempts(0), await attempts(1)]).toEqual([3, 2]);
  });

  it('stops the upstream when it no longer waits for an answer', async () => {
    passage.forget();
    scene.upstream.answerNext({ ...jsonAnswer({}), pieces: [], ends: false });
    const controller = new AbortController();
    const call = failureOf(connect(passage.through).chat.completions.create(CHAT, { signal: controller.signal }));
    await eventually(() => {
      expect(scene.upstream.exchanges).toHaveLength(1);
    });
    controller.abort();
    expect(await call).toMatchObject({ thrown: 'APIUserAbortError' });
    await eventually(() => {
      expect(scene.upstream.exchanges[0]?.isAborted).toBe(true);
    });
  });

  describe('of Azure', () => {
    function connectAzure({ baseUrl, apiKey }: Endpoint): AzureOpenAI {
      return new AzureOpenAI({ endpoint: baseUrl, apiKey, apiVersion: '2024-10-21', maxRetries: 0 });
    }

    it.each<[string, (client: AzureOpenAI) => Promise<unknown>]>([
      ['a chat', (client) => client.chat.completions.create(CHAT)],
      ['a streamed chat', async (client) => eachOf(await client.chat.completions.create({ ...CHAT, stream: true }))],
      ['embeddings', (client) => client.embeddings.create({ model: 'text-embedding-3-small', input: 'one' })],
    ])('gets %s as from Azure itself, every byte passed', async (_, call) => {
      const azure = await scene.serve({ type: 'azure' });
      await azure.expectSame((endpoint) => call(connectAzure(endpoint)));
    });

    it('reaches an upstream that is not of Azure by the path that this one knows', async () => {
      passage.forget();
      await connectAzure(passage.through).chat.completions.create(CHAT);
      const [reached] = scene.upstream.exchanges;
      expect(reached?.target).toMatch(/^\/v1\/chat\/completions(\?|$)/);
      expect(reached?.requestBody).toEqual(passage.requests[0]?.requestBody);
    });
  });
});
