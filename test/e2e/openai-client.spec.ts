import OpenAI from 'openai';
import { eventually } from '../support/eventually';
import { replies } from '../support/fake-upstream-replies';
import { someKeys } from '../support/keys';
import { RelayScene, type SceneChannel } from '../support/relay-scene';

const CHAT = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: 'Hello there!' }] };

describe('the official client', () => {
  let scene: RelayScene;

  beforeAll(async () => {
    scene = await RelayScene.start();
  });

  beforeEach(() => {
    scene.upstream.reset();
  });

  afterAll(() => scene.stop());

  async function connect(channel: SceneChannel = {}, maxRetries = 0): Promise<OpenAI> {
    const { relay } = await scene.serve({ keys: someKeys(3), ...channel });
    return new OpenAI({ baseURL: `${relay.baseUrl}/v1`, apiKey: relay.token, maxRetries });
  }

  async function failure(call: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
    const error: unknown = await call.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(OpenAI.APIError);
    return error as InstanceType<typeof OpenAI.APIError>;
  }

  it('completes a chat and knows the request id', async () => {
    const client = await connect();
    const completion = await client.chat.completions.create(CHAT);
    expect(completion.choices[0]?.message.content).toBe('You said: Hello there!');
    expect(completion._request_id).toMatch(/\S{8,}/);
    expect(completion.usage?.total_tokens).toBe(21);
  });

  it('streams every piece of a chat up to [DONE]', async () => {
    const client = await connect();
    scene.upstream.answer(replies.stream(['one ', 'two ', 'three ', '模型'], { delayMs: 5 }));
    const pieces: string[] = [];
    for await (const chunk of await client.chat.completions.create({ ...CHAT, stream: true })) {
      pieces.push(chunk.choices[0]?.delta.content ?? '');
    }
    expect(pieces.filter((piece) => piece !== '')).toEqual(['one ', 'two ', 'three ', '模型']);
    const whole = await client.chat.completions.create({ ...CHAT, stream: true }).asResponse();
    expect(await whole.text()).toMatch(/data: \[DONE\]\n\n$/);
  });

  it('gets the usage of a stream that it asked for', async () => {
    const client = await connect();
    const stream = await client.chat.completions.create({
      ...CHAT,
      stream: true,
      stream_options: { include_usage: true },
    });
    const usages: number[] = [];
    for await (const { usage } of stream) usages.push(...(usage ? [usage.total_tokens] : []));
    expect(usages).toEqual([21]);
  });

  it('completes a text, in one piece and streamed', async () => {
    const client = await connect();
    const request = { model: 'gpt-3.5-turbo-instruct', prompt: 'Say hello' };
    expect((await client.completions.create(request)).choices[0]?.text).toBe('You said: Say hello');
    let text = '';
    for await (const chunk of await client.completions.create({ ...request, stream: true })) {
      text += chunk.choices[0]?.text ?? '';
    }
    expect(text).toBe('You said: Say hello');
  });

  it('gets embeddings, in base64 by default and as numbers', async () => {
    const client = await connect();
    const request = { model: 'text-embedding-3-small', input: ['one', 'two'] };
    for (const encoding of [{}, { encoding_format: 'float' as const }]) {
      const { data } = await client.embeddings.create({ ...request, ...encoding });
      expect(data.map(({ embedding }) => embedding.slice(0, 3))).toEqual([
        [0.5, -0.25, 0.125],
        [0.5, -0.25, 0.125],
      ]);
    }
  });

  it('lists and retrieves models, a slash in the id included', async () => {
    const client = await connect({ models: ['zeta', 'org/team/model', 'gpt-4o'] });
    const ids: string[] = [];
    for await (const { id } of client.models.list()) ids.push(id);
    expect(ids).toEqual(['gpt-4o', 'org/team/model', 'zeta']);
    expect(await client.models.retrieve('org/team/model')).toMatchObject({ id: 'org/team/model', object: 'model' });
    const error = await failure(client.models.retrieve('org/none'));
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error).toMatchObject({ code: 'model_not_found', param: 'model' });
    expect(scene.upstream.ledger).toEqual([]);
  });

  it('throws its AuthenticationError for a token that is wrong, disabled or expired', async () => {
    const client = await connect();
    const wrong = client.withOptions({ apiKey: 'sk-wrong' });
    const expired = client.withOptions({ apiKey: await scene.app.admin.createToken({ expired_time: 1 }) });
    for (const refused of [wrong, expired]) {
      const error = await failure(refused.chat.completions.create(CHAT));
      expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
      expect(error).toMatchObject({ code: 'invalid_api_key', requestID: expect.stringMatching(/\S{8,}/) as string });
    }
    expect(scene.upstream.ledger).toEqual([]);
  });

  it('throws its NotFoundError for a model that no channel serves', async () => {
    const client = await connect({ models: ['gpt-4o'] });
    const error = await failure(client.chat.completions.create({ ...CHAT, model: 'gpt-99' }));
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error).toMatchObject({ code: 'model_not_found', param: 'model', type: 'invalid_request_error' });
    expect(error.message).toContain('gpt-99');
  });

  it.each([
    [400, OpenAI.BadRequestError],
    [404, OpenAI.NotFoundError],
    [422, OpenAI.UnprocessableEntityError],
  ])('throws what fits a %s of the upstream, with its words', async (status, errorClass) => {
    const client = await connect();
    scene.upstream.answer(replies.status(status, { message: 'Your own fault.', code: 'own_fault' }));
    const error = await failure(client.chat.completions.create(CHAT));
    expect(error).toBeInstanceOf(errorClass);
    expect(error).toMatchObject({ status, code: 'own_fault' });
    expect(error.message).toContain('Your own fault.');
    expect(scene.upstream.ledger).toHaveLength(1);
  });

  it('throws its RateLimitError with a short Retry-After when every key is limited', async () => {
    const client = await connect();
    scene.upstream.answer(replies.status(429, { headers: { 'retry-after': '86400' } }));
    const error = await failure(client.chat.completions.create(CHAT));
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(error.code).toBe('all_keys_cooling');
    const seconds = Number(error.headers?.get('retry-after'));
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(60);
  });

  it('comes back by itself after a momentary rate limit', async () => {
    const client = await connect({ keys: someKeys(1) }, 2);
    scene.upstream.answerNext(replies.status(429, { headers: { 'retry-after': '1' } }));
    const completion = await client.chat.completions.create(CHAT);
    expect(completion.choices[0]?.message.content).toBe('You said: Hello there!');
    expect(scene.upstream.ledger).toHaveLength(2);
  });

  it('does not repeat what the gateway has tried with every key', async () => {
    const client = await connect({}, 2);
    for (const key of someKeys(3)) scene.upstream.killKey(key);
    const error = await failure(client.chat.completions.create(CHAT));
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect(error).toMatchObject({ status: 503, code: 'no_available_key' });
    expect(scene.upstream.ledger).toHaveLength(3);
  });

  it('throws when the upstream breaks off within a stream', async () => {
    const client = await connect();
    scene.upstream.answer(replies.resetMidStream(['one ', 'two ']));
    const pieces: string[] = [];
    const reading = (async () => {
      for await (const chunk of await client.chat.completions.create({ ...CHAT, stream: true })) {
        pieces.push(chunk.choices[0]?.delta.content ?? '');
      }
    })();
    const error = await failure(reading);
    expect(error.code).toBe('upstream_error');
    expect(pieces.filter((piece) => piece !== '')).toEqual(['one ', 'two ']);
  });

  it('stops the upstream when it aborts a stream, and serves the next request', async () => {
    const client = await connect();
    scene.upstream.answerNext(replies.hangMidStream(['one ', 'two ']));
    const stream = await client.chat.completions.create({ ...CHAT, stream: true });
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta.content === 'two ') stream.controller.abort();
    }
    await eventually(() => {
      expect(scene.upstream.ledger[0]).toMatchObject({ aborted: true });
    });
    expect((await client.chat.completions.create(CHAT)).choices).toHaveLength(1);
  });
});
