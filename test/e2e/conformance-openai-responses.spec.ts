import OpenAI from 'openai';
import { eachOf } from '../support/client-calls';
import { ConformanceScene } from '../support/conformance-scene';
import type { Endpoint, Passage } from '../support/passage';

const MODEL = 'gpt-4o';

describe('the client of OpenAI, with responses', () => {
  let scene: ConformanceScene;
  let passage: Passage;

  beforeAll(async () => {
    scene = await ConformanceScene.start();
    passage = await scene.serve();
  });

  afterAll(() => scene.stop());

  function connect({ baseUrl, apiKey }: Endpoint): OpenAI {
    return new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey, maxRetries: 0 });
  }

  async function streamedId(client: OpenAI, input: string): Promise<string> {
    const events = await eachOf(await client.responses.create({ model: MODEL, input, stream: true }));
    return events.flatMap((event) => (event.type === 'response.completed' ? [event.response.id] : []))[0] ?? '';
  }

  it.each<[string, (client: OpenAI) => Promise<unknown>]>([
    ['a response', (client) => client.responses.create({ model: MODEL, input: 'Grüße', metadata: { of: '世界' } })],
    [
      'a streamed response',
      async (client) => eachOf(await client.responses.create({ model: MODEL, input: 'Grüße', stream: true })),
    ],
  ])('gets %s as from OpenAI itself, every byte passed', async (_, call) => {
    await passage.expectSame((endpoint) => call(connect(endpoint)));
  });

  it.each<[string, (client: OpenAI) => Promise<string>]>([
    ['at once', async (client) => (await client.responses.create({ model: MODEL, input: 'to keep' })).id],
    [
      'in the background',
      async (client) => (await client.responses.create({ model: MODEL, input: 'to wait for', background: true })).id,
    ],
    ['as a stream', (client) => streamedId(client, 'to keep as well')],
  ])('finds a response that was made %s with the key that made it', async (_, create) => {
    await passage.expectSame(async (endpoint) => {
      const client = connect(endpoint);
      const id = await create(client);
      const found = [
        await client.responses.retrieve(id),
        await client.responses.retrieve(id, { include: ['message.output_text.logprobs'] }),
        await eachOf(client.responses.inputItems.list(id, { limit: 5 })),
        await client.responses.create({ model: MODEL, input: 'and then?', previous_response_id: id }),
        await client.responses.cancel(id),
      ];
      await client.responses.delete(id);
      return [id, found];
    });
    expect(new Set(passage.keysUsed).size).toBe(1);
    expect(passage.keysUsed).toHaveLength(7);
  });

  it('knows no response of another token, and none that was deleted', async () => {
    const client = connect(passage.through);
    const { id } = await client.responses.create({ model: MODEL, input: 'for one only' });
    const stranger = connect((await scene.serve()).through);
    await expect(stranger.responses.retrieve(id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(stranger.responses.cancel(id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await client.responses.delete(id);
    passage.forget();
    await expect(client.responses.retrieve(id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    expect(passage.keysUsed).toEqual([]);
  });
});
