import OpenAI from 'openai';
import { FakeUpstream } from '../support/fake-upstream';
import { replies } from '../support/fake-upstream-replies';

const messages = [{ role: 'user' as const, content: 'good morning dear gateway' }];
const chat = { model: 'gpt-4o', messages };

describe(FakeUpstream.name, () => {
  let upstream: FakeUpstream;

  beforeAll(async () => {
    upstream = await FakeUpstream.start();
  });
  afterEach(() => {
    upstream.reset();
  });
  afterAll(() => upstream.stop());

  function client(apiKey = 'sk-first', path = '/v1'): OpenAI {
    return new OpenAI({ baseURL: upstream.baseUrl + path, apiKey, maxRetries: 0 });
  }

  async function post(body: object = chat, signal: AbortSignal | null = null): Promise<Response> {
    const headers = { authorization: 'Bearer sk-first', 'content-type': 'application/json' };
    return fetch(`${upstream.baseUrl}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      signal,
    });
  }

  async function ended(index = 0): Promise<void> {
    while ((upstream.ledger[index]?.endedAt ?? null) === null) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  describe('for the openai client', () => {
    it.each(['/v1', '/custom/base/v1', '/openai'])('answers a chat under %s', async (path) => {
      const answer = await client('sk-first', path).chat.completions.create(chat);
      expect(answer).toMatchObject({ object: 'chat.completion', model: 'gpt-4o', usage: { total_tokens: 21 } });
      expect(answer.choices[0]?.message.content).toContain('good morning dear gateway');
    });

    it('streams a chat in several pieces, with usage when asked', async () => {
      const stream = await client().chat.completions.create({
        ...chat,
        stream: true,
        stream_options: { include_usage: true },
      });
      const pieces: string[] = [];
      let usage: OpenAI.CompletionUsage | null | undefined;
      for await (const chunk of stream) {
        const text = chunk.choices[0]?.delta.content;
        if (text) pieces.push(text);
        usage = chunk.usage ?? usage;
      }
      expect(pieces.length).toBeGreaterThan(3);
      expect(pieces.join('')).toContain('good morning dear gateway');
      expect(usage).toMatchObject({ prompt_tokens: 9 });
    });

    it('ends a stream with [DONE] and leaves usage out when nobody asked', async () => {
      const text = await (await post({ ...chat, stream: true })).text();
      expect(text).toMatch(/data: \[DONE\]\n\n$/);
      expect(text).not.toContain('usage');
    });

    it('completes a prompt, whole and streamed', async () => {
      const asked = { model: 'gpt-3.5-turbo-instruct', prompt: 'once upon' };
      const whole = await client().completions.create(asked);
      expect(whole.choices[0]?.text).toContain('once upon');
      let streamed = '';
      for await (const part of await client().completions.create({ ...asked, stream: true })) {
        streamed += part.choices[0]?.text ?? '';
      }
      expect(streamed).toBe(whole.choices[0]?.text);
    });

    it('embeds one vector for each input, in either encoding', async () => {
      const asked = { model: 'text-embedding-3-small', input: ['one', 'two'] };
      const packed = await client().embeddings.create(asked);
      const plain = await client().embeddings.create({ ...asked, encoding_format: 'float' });
      expect(packed.data).toHaveLength(2);
      expect(Array.from(packed.data[1]?.embedding ?? [])).toEqual(plain.data[1]?.embedding);
    });

    it('lists its models, shows one and misses another', async () => {
      const ids = (await client().models.list()).data.map((model) => model.id);
      expect(ids).toContain('gpt-4o');
      expect(await client().models.retrieve('gpt-4o')).toMatchObject({ object: 'model', owned_by: 'openai' });
      await expect(client().models.retrieve('gpt-9')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
    });

    it('refuses a killed key until it is revived', async () => {
      upstream.killKey('sk-first');
      await expect(client().chat.completions.create(chat)).rejects.toMatchObject({
        status: 401,
        code: 'invalid_api_key',
      });
      await client('sk-second').chat.completions.create(chat);
      upstream.reviveKey('sk-first');
      await client().chat.completions.create(chat);
      expect(upstream.keysUsed()).toEqual(['sk-first', 'sk-second', 'sk-first']);
    });
  });

  it.each([
    ['POST', '/v1/chat/completions', {}, 401],
    ['POST', '/v1/unknown', { authorization: 'Bearer sk-first' }, 404],
    ['POST', '/v1/v1/chat/completions', { authorization: 'Bearer sk-first' }, 404],
    ['POST', '/v1//chat/completions', { authorization: 'Bearer sk-first' }, 404],
    ['GET', '/v1/chat/completions', { authorization: 'Bearer sk-first' }, 405],
    ['POST', '/v1/embeddings', { authorization: 'Bearer sk-first' }, 400],
  ])('answers %s %s with %j by an error %i in the shape of OpenAI', async (method, path, headers, status) => {
    const response = await fetch(upstream.baseUrl + path, { method, headers });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', param: null } });
  });

  it('answers by the queue first, then by key, then as usual', async () => {
    upstream.answer(replies.chat('usual'));
    upstream.answerKey('sk-first', replies.status(429, { headers: { 'retry-after': '7' } }), replies.chat('by key'));
    upstream.answerNext(replies.html(502));
    const statuses: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      const response = await post();
      statuses.push(response.status);
      if (response.status === 429) expect(response.headers.get('retry-after')).toBe('7');
      if (response.status === 200) expect(await response.text()).toContain('by key');
    }
    expect(statuses).toEqual([502, 429, 200, 200]);
    const other = await client('sk-second').chat.completions.create(chat);
    expect(other.choices[0]?.message.content).toBe('usual');
  });

  it('remembers what was asked and what was sent', async () => {
    const sent = await (await post()).arrayBuffer();
    await ended();
    const [entry] = upstream.ledger;
    expect(entry).toMatchObject({ key: 'sk-first', method: 'POST', path: '/v1/chat/completions', status: 200 });
    expect(entry).toMatchObject({ bytesSent: sent.byteLength, finished: true, aborted: false });
    expect(JSON.parse(String(entry?.body))).toEqual(chat);
    expect(entry?.rawHeaders).toContain('Bearer sk-first');
  });

  it('notices that the client went away', async () => {
    upstream.answer(replies.hang());
    const leaving = new AbortController();
    const answer = post(chat, leaving.signal);
    while (upstream.ledger.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    leaving.abort();
    await expect(answer).rejects.toThrow();
    await ended();
    expect(upstream.ledger[0]).toMatchObject({ aborted: true, finished: false, status: null, bytesSent: 0 });
  });

  it('sends headers and no byte more when it hangs after them', async () => {
    upstream.answer(replies.hangAfterHeaders());
    const leaving = new AbortController();
    const response = await post(chat, leaving.signal);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const end = response.text();
    leaving.abort();
    await expect(end).rejects.toThrow();
    await ended();
    expect(upstream.ledger[0]).toMatchObject({ aborted: true, status: 200, bytesSent: 0 });
  });

  it('resets the connection in place of an answer', async () => {
    upstream.answer(replies.reset());
    await expect(post()).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    await ended();
    expect(upstream.ledger[0]).toMatchObject({ aborted: false, finished: false, status: null });
  });

  it('resets a stream only after its pieces were read', async () => {
    upstream.answer(replies.resetMidStream(['one ', 'two ']));
    let text = '';
    const read = async (): Promise<void> => {
      const decoder = new TextDecoder();
      for await (const bytes of (await post()).body ?? []) text += decoder.decode(bytes as Uint8Array);
    };
    await expect(read()).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    expect(text).toContain('two ');
    expect(text).not.toContain('[DONE]');
  });

  it('promises more bytes than it sends when truncated', async () => {
    upstream.answer(replies.truncated());
    const response = await post();
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toMatchObject({ cause: { code: 'UND_ERR_SOCKET' } });
  });

  it('breaks off a compressed body', async () => {
    upstream.answer(replies.truncatedGzip());
    await expect((await post()).json()).rejects.toThrow();
  });

  it('trickles a body to its end', async () => {
    upstream.answer(replies.trickle('{"a":1}', 2));
    expect(await (await post()).json()).toEqual({ a: 1 });
  });

  it('frees the port with requests still hanging', async () => {
    const second = await FakeUpstream.start();
    second.answer(replies.hang());
    const hanging = fetch(second.baseUrl);
    while (second.ledger.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await second.stop();
    await expect(hanging).rejects.toThrow();
    const third = await FakeUpstream.start({ port: Number(new URL(second.baseUrl).port) });
    expect(third.baseUrl).toBe(second.baseUrl);
    await third.stop();
  });
});
