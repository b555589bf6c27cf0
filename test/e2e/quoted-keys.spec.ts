import { maskSecret } from '../../src/common/mask-secret';
import { AppUnderTest } from '../support/app-under-test';
import { FakeUpstream } from '../support/fake-upstream';
import { replies } from '../support/fake-upstream-replies';
import { aKey } from '../support/keys';
import { chatBody } from '../support/relay-client';

const KEY = aKey(1);
const HEADERS = { 'x-echo': `Bearer ${KEY}`, 'www-authenticate': `Bearer error="${KEY}"`, 'x-kept': 'yes' };

describe('an upstream that quotes the key it was sent', () => {
  let app: AppUnderTest;
  let upstream: FakeUpstream;
  let token: string;

  beforeAll(async () => {
    [app, upstream] = await Promise.all([AppUnderTest.start(), FakeUpstream.start()]);
    await app.admin.createChannel({ baseUrl: upstream.baseUrl, keys: [KEY] });
    token = await app.admin.createToken();
  });

  afterAll(async () => {
    await app.stop();
    await upstream.stop();
  });

  async function ask(): Promise<{ status: number; headers: Headers; text: string }> {
    const response = await fetch(`${app.baseUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: chatBody(),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  it.each([200, 400, 404, 422])('shows it in no header of a %i', async (status) => {
    upstream.answer(replies.json(status, { ok: true }, HEADERS));
    const { headers, text } = await ask();
    expect(`${JSON.stringify([...headers])}${text}`).not.toContain(KEY);
    expect(headers.get('x-kept')).toBe('yes');
  });

  it('shows it in no body of a 200, whose length stays true', async () => {
    const body = { note: `Incorrect API key provided: ${KEY}` };
    upstream.answer(replies.json(200, body));
    const { status, headers, text } = await ask();
    expect(status).toBe(200);
    expect(text).toBe(JSON.stringify(body).replace(KEY, '*'.repeat(KEY.length)));
    expect(Number(headers.get('content-length'))).toBe(text.length);
  });

  it.each([400, 200])('shows only its mask in an error within a %i', async (sent) => {
    const error = { message: `What is ${KEY}?`, type: 'invalid_request_error' };
    upstream.answer(replies.json(sent, { error }));
    const { status, text } = await ask();
    expect([status, text]).toEqual([400, JSON.stringify({ error }).replace(KEY, maskSecret(KEY))]);
  });

  it('shows it in no event of a stream, also when it comes in pieces', async () => {
    const pieces = [`data: {"a":"${KEY.slice(0, 9)}`, KEY.slice(9, 20), `${KEY.slice(20)}"}\n\n`, 'data: [DONE]\n\n'];
    upstream.answer(replies.events(pieces, { delayMs: 20 }));
    const { text } = await ask();
    expect(text).toBe(`data: {"a":"${'*'.repeat(KEY.length)}"}\n\ndata: [DONE]\n\n`);
  });
});

describe('a body that would exhaust or mislead the framework', () => {
  let app: AppUnderTest;

  beforeAll(async () => {
    app = await AppUnderTest.start();
  });

  afterAll(() => app.stop());

  it.each([65, 5_000, 200_000])('of %i levels is refused', async (depth) => {
    const body = `{"name":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    const response = await fetch(`${app.baseUrl}/api/channel`, {
      method: 'POST',
      headers: { authorization: `Bearer ${app.adminToken}`, 'content-type': 'application/json' },
      body,
    });
    expect(await response.json()).toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(response.status).toBe(400);
  });

  it.each(['constructor', '__proto__', 'prototype'])('with a field called %s is refused by name', async (name) => {
    const response = await fetch(`${app.baseUrl}/api/token`, {
      method: 'POST',
      headers: { authorization: `Bearer ${app.adminToken}` },
      body: `{"name":"x","${name}":{"a":1}}`,
    });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining(name)]);
  });
});
