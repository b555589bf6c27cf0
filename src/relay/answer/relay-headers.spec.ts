import { clientHeaders, headerValue, upstreamHeaders, type UpstreamAdditions } from './relay-headers';

const raw = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text, 'latin1'));

interface Sketch extends Partial<UpstreamAdditions> {
  readonly connection?: string;
}

/** What is sent upstream beside the key and the wish for a plain answer. */
function sent(rawHeaders: readonly string[], { connection, ...additions }: Sketch = {}): string[] {
  const credentials = ['authorization', 'Bearer sk-key'];
  const headers = upstreamHeaders(rawHeaders, connection, {
    credentials,
    overrides: new Map(),
    defaults: [],
    contentType: null,
    ...additions,
  });
  expect(headers.splice(0, 4)).toEqual([...credentials, 'accept-encoding', 'identity']);
  return headers;
}

describe(upstreamHeaders, () => {
  it('replaces every credential by the key, and every wish for compression', () => {
    const credentials = ['Authorization', 'Bearer a', 'X-Api-Key', 'b', 'api-key', 'c', 'X-Goog-Api-Key', 'd'];
    expect(sent([...credentials, 'Cookie', 'e', 'Accept-Encoding', 'br'])).toEqual([]);
  });

  it('keeps what belongs to the request and drops what belongs to the connection, to proxies or to an account', () => {
    const request = ['Content-Type', 'application/json', 'X-Stainless-Lang', 'js'];
    const others = ['Host', 'x', 'TE', 'trailers', 'X-Forwarded-For', '1.2.3.4', 'Forwarded', 'x'];
    expect(sent([...request, ...others, 'OpenAI-Organization', 'org'])).toEqual([
      'content-type',
      'application/json',
      'x-stainless-lang',
      'js',
    ]);
  });

  it('drops the headers that Connection names', () => {
    expect(sent(['X-Hop', '1', 'X-Kept', '2'], { connection: 'keep-alive, X-Hop' })).toEqual(['x-kept', '2']);
  });

  it('sets and removes what the channel overrides, however often the client sent it', () => {
    const overrides = new Map([
      ['user-agent', 'ours'],
      ['x-gone', null],
    ]);
    const headers = sent(['User-Agent', 'a', 'USER-AGENT', 'b', 'X-Gone', 'c', 'X-Kept', 'd'], { overrides });
    expect(headers).toEqual(['user-agent', 'ours', 'x-kept', 'd']);
  });

  it('says once, and as it was read, what the body is', () => {
    const types = ['Content-Type', 'text/plain', 'content-type', 'multipart/form-data'];
    expect(sent(types, { contentType: 'application/json' })).toEqual(['content-type', 'application/json']);
    const overrides = new Map([['content-type', 'channel']]);
    expect(sent(types, { contentType: 'application/json', overrides })).toEqual(['content-type', 'channel']);
  });

  it('adds what a request needs unless the client or the channel says otherwise', () => {
    const defaults = ['anthropic-version', 'default'];
    expect(sent([], { defaults })).toEqual(defaults);
    expect(sent(['Anthropic-Version', 'own'], { defaults })).toEqual(['anthropic-version', 'own']);
    const overrides = new Map([['anthropic-version', 'channel']]);
    expect(sent([], { defaults, overrides })).toEqual(['anthropic-version', 'channel']);
  });
});

describe(clientHeaders, () => {
  const OWN = ['x-request-id', 'ours'];

  function received(rawHeaders: readonly Buffer[], own: readonly string[] = OWN, isEventStream = false): string[] {
    return clientHeaders({ rawHeaders, isEventStream }, own, 'sk-key');
  }

  it('carries our request id and keeps the upstream’s under another name', () => {
    expect(received(raw('X-Request-Id', 'theirs'))).toEqual([...OWN, 'x-upstream-request-id', 'theirs']);
  });

  it('drops cookies, server names, accounts, CORS and connection headers', () => {
    const dropped = ['Set-Cookie', 'a', 'Server', 'b', 'openai-organization', 'c', 'Access-Control-Allow-Origin', '*'];
    const others = ['Transfer-Encoding', 'chunked', 'x-should-retry', 'true', 'Content-Type', 'text/plain'];
    expect(received(raw(...dropped, ...others))).toEqual([...OWN, 'content-type', 'text/plain']);
  });

  it('never quotes the key, whatever the header is called', () => {
    const answer = raw('X-Echo', 'Bearer sk-key', 'WWW-Authenticate', 'Bearer', 'X-Other', 'kept');
    expect(received(answer)).toEqual([...OWN, 'x-other', 'kept']);
  });

  it('keeps a stream out of caches and buffers', () => {
    expect(received(raw('Cache-Control', 'public', 'Content-Type', 'text/event-stream'), OWN, true)).toEqual([
      ...OWN,
      'cache-control',
      'no-cache, no-transform',
      'x-accel-buffering',
      'no',
      'content-type',
      'text/event-stream',
    ]);
  });

  it('shows the limits of a key only where the token has none of its own', () => {
    const limit = raw('X-RateLimit-Limit-Requests', '7');
    expect(received(limit)).toEqual([...OWN, 'x-ratelimit-limit-requests', '7']);
    const own = [...OWN, 'x-ratelimit-limit-requests', '60'];
    expect(received(limit, own)).toEqual(own);
  });
});

describe(headerValue, () => {
  it('finds a header whatever its case', () => {
    expect(headerValue(raw('A', '1', 'Retry-After', '7'), 'retry-after')).toBe('7');
    expect(headerValue(raw('A', '1'), 'retry-after')).toBe('');
  });
});
