import { createOpenAICompatible, type OpenAICompatibleProvider } from '@ai-sdk/openai-compatible';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { embed, embedMany, generateText, jsonSchema, streamText, tool } from 'ai';
import { eachOf } from '../support/client-calls';
import { ConformanceScene } from '../support/conformance-scene';
import type { Endpoint, Passage } from '../support/passage';
import { PRIVATE_HEADERS } from '../support/passed-headers';

const MODEL = 'gpt-4o';
const EMBEDDING_MODEL = 'text-embedding-3-small';
const PROMPT = 'Grüße, 世界';
const CITY = { type: 'object' as const, properties: { city: { type: 'string' as const } }, required: ['city'] };

describe('the clients of frameworks', () => {
  let scene: ConformanceScene;
  let passage: Passage;

  beforeAll(async () => {
    scene = await ConformanceScene.start();
    passage = await scene.serve();
  });

  afterAll(() => scene.stop());

  describe('of Vercel', () => {
    function connect({ baseUrl, apiKey }: Endpoint): OpenAICompatibleProvider {
      const headers = { ...PRIVATE_HEADERS };
      return createOpenAICompatible({ name: 'keymux', baseURL: `${baseUrl}/v1`, apiKey, headers, includeUsage: true });
    }

    it.each<[string, (provider: OpenAICompatibleProvider) => Promise<unknown>]>([
      [
        'a text',
        async (provider) => {
          const { text, usage, finishReason } = await generateText({ model: provider(MODEL), prompt: PROMPT });
          return { text, usage, finishReason };
        },
      ],
      [
        'the calls of tools',
        async (provider) => {
          const tools = { weather: tool({ inputSchema: jsonSchema(CITY), execute: () => '21 °C' }) };
          const { toolCalls } = await generateText({ model: provider(MODEL), prompt: PROMPT, tools });
          return toolCalls;
        },
      ],
      [
        'a streamed text',
        async (provider) => {
          const { textStream, usage } = streamText({ model: provider(MODEL), prompt: PROMPT });
          return [await eachOf(textStream), await usage];
        },
      ],
      [
        'an embedding',
        async (provider) => {
          const model = provider.embeddingModel(EMBEDDING_MODEL);
          return [
            (await embed({ model, value: 'one' })).embedding,
            (await embedMany({ model, values: ['one', 'two'] })).embeddings,
          ];
        },
      ],
    ])('get %s as from the upstream itself, every byte passed', async (_, call) => {
      await passage.expectSame((endpoint) => call(connect(endpoint)));
    });
  });

  describe('of LangChain', () => {
    function connect({ baseUrl, apiKey }: Endpoint): ChatOpenAI {
      const configuration = { baseURL: `${baseUrl}/v1`, defaultHeaders: PRIVATE_HEADERS };
      return new ChatOpenAI({ model: MODEL, apiKey, configuration, maxRetries: 0 });
    }

    it.each<[string, (chat: ChatOpenAI) => Promise<unknown>]>([
      [
        'a chat',
        async (chat) => {
          const { content, usage_metadata: usage } = await chat.invoke(PROMPT);
          return { content, usage };
        },
      ],
      [
        'the calls of tools',
        async (chat) => {
          const weather = { type: 'function' as const, function: { name: 'weather', parameters: CITY } };
          return (await chat.bindTools([weather]).invoke(PROMPT)).tool_calls;
        },
      ],
      ['a streamed chat', async (chat) => (await eachOf(await chat.stream(PROMPT))).map(({ content }) => content)],
    ])('get %s as from the upstream itself, every byte passed', async (_, call) => {
      await passage.expectSame((endpoint) => call(connect(endpoint)));
    });

    it('get embeddings as from the upstream itself, every byte passed', async () => {
      await passage.expectSame(async ({ baseUrl, apiKey }) => {
        const configuration = { baseURL: `${baseUrl}/v1`, defaultHeaders: PRIVATE_HEADERS };
        const embeddings = new OpenAIEmbeddings({ model: EMBEDDING_MODEL, apiKey, configuration, maxRetries: 0 });
        return [await embeddings.embedQuery('one'), await embeddings.embedDocuments(['one', 'two'])];
      });
    });
  });
});
