import { jsonAnswer } from '../support/api-answer';
import { eachOf, failureOf } from '../support/client-calls';
import { ConformanceScene } from '../support/conformance-scene';
import { eventually } from '../support/eventually';
import { GoogleGenAI } from '../support/google-genai';
import { someKeys } from '../support/keys';
import type { Endpoint, Passage } from '../support/passage';
import { PRIVATE_HEADERS } from '../support/passed-headers';

type Client = InstanceType<typeof GoogleGenAI>;

const MODEL = 'gemini-2.5-flash';
const ASKED = { model: MODEL, contents: 'Grüße, 世界' };

/** What the client's answers say, less the headers that they also carry. */
function said(answer: object): unknown {
  return JSON.parse(JSON.stringify({ ...answer, sdkHttpResponse: undefined }));
}

describe('the client of Gemini', () => {
  let scene: ConformanceScene;
  let passage: Passage;

  beforeAll(async () => {
    scene = await ConformanceScene.start();
    passage = await scene.serve({ type: 'gemini' });
  });

  beforeEach(() => {
    passage.forget();
  });

  afterAll(() => scene.stop());

  function connect({ baseUrl, apiKey }: Endpoint): Client {
    return new GoogleGenAI({ apiKey, httpOptions: { baseUrl, headers: { ...PRIVATE_HEADERS } } });
  }

  it.each<[string, (client: Client) => Promise<unknown>]>([
    [
      'content',
      async ({ models }) => said(await models.generateContent({ ...ASKED, config: { temperature: 0.5, topK: 3 } })),
    ],
    ['streamed content', async ({ models }) => (await eachOf(await models.generateContentStream(ASKED))).map(said)],
    ['the tokens of a content', async ({ models }) => said(await models.countTokens(ASKED))],
    [
      'embeddings',
      async ({ models }) =>
        said(await models.embedContent({ model: 'gemini-embedding-001', contents: ['one', 'two'] })),
    ],
    [
      'one embedding',
      async ({ models }) => said(await models.embedContent({ model: 'gemini-embedding-2', contents: 'one' })),
    ],
    [
      'the second answer of a chat',
      async ({ chats }) => {
        const chat = chats.create({ model: MODEL });
        await chat.sendMessage({ message: 'one' });
        return said(await chat.sendMessage({ message: 'two' }));
      },
    ],
  ])('gets %s as from Gemini itself, every byte passed', async (_, call) => {
    await passage.expectSame((endpoint) => call(connect(endpoint)));
  });

  it('gets a stream that is an array, where a client asks for no events', async () => {
    const { baseUrl, apiKey } = passage.through;
    const url = `${baseUrl}/v1beta/models/${MODEL}:streamGenerateContent`;
    const headers = { 'content-type': 'application/json', 'x-goog-api-key': apiKey };
    const answer = await fetch(url, { method: 'POST', headers, body: '{"contents":[{"parts":[{"text":"one"}]}]}' });
    expect(await answer.json()).toHaveLength(3);
    passage.expectPassed();
  });

  it('gets an error of its own making as from Gemini itself', async () => {
    const error = { code: 400, message: 'Invalid value', status: 'INVALID_ARGUMENT' };
    await passage.expectSame((endpoint) => {
      scene.upstream.answerNext(jsonAnswer({ error }, 400));
      return failureOf(connect(endpoint).models.generateContent(ASKED));
    });
  });

  it('stops the upstream when it no longer waits for an answer', async () => {
    scene.upstream.answerNext({ ...jsonAnswer({}), pieces: [], ends: false });
    const controller = new AbortController();
    const config = { abortSignal: controller.signal };
    const call = failureOf(connect(passage.through).models.generateContent({ ...ASKED, config }));
    await eventually(() => {
      expect(scene.upstream.exchanges).toHaveLength(1);
    });
    controller.abort();
    await call;
    await eventually(() => {
      expect(scene.upstream.exchanges[0]?.isAborted).toBe(true);
    });
  });

  it('lists the models that its token may use', async () => {
    const { models } = connect((await scene.serve({ type: 'gemini', models: ['gemini-b', 'gemini-a'] })).through);
    const names = (await eachOf(await models.list())).map(({ name }) => name);
    expect(names).toEqual(['models/gemini-a', 'models/gemini-b']);
    expect(await models.get({ model: 'gemini-b' })).toMatchObject({ name: 'models/gemini-b' });
  });

  it.each<[string, { apiKey?: string; model?: string }, number, string]>([
    ['a wrong token', { apiKey: 'sk-wrong' }, 401, 'UNAUTHENTICATED'],
    ['a model that is not there', { model: 'gemini-99' }, 404, 'NOT_FOUND'],
  ])('throws what fits %s, in its own shape', async (_, { model = MODEL, ...change }, status, name) => {
    const { through } = await scene.serve({ type: 'gemini', models: [MODEL] });
    const failure = await failureOf(connect({ ...through, ...change }).models.generateContent({ ...ASKED, model }));
    expect(failure).toMatchObject({ thrown: 'ApiError', status });
    const error = { code: status, message: expect.any(String) as string, status: name };
    expect(JSON.parse(failure.message)).toMatchObject({ error });
    expect(scene.upstream.exchanges).toEqual([]);
  });

  it('is told that it comes too often when every key is limited', async () => {
    const { through } = await scene.serve({ type: 'gemini', keys: someKeys(1) });
    const error = { code: 429, message: 'Resource has been exhausted', status: 'RESOURCE_EXHAUSTED' };
    scene.upstream.answerNext(jsonAnswer({ error }, 429));
    const failure = await failureOf(connect(through).models.generateContent(ASKED));
    expect(failure).toMatchObject({ thrown: 'ApiError', status: 429 });
    expect(failure.message).toContain('RESOURCE_EXHAUSTED');
  });
});
