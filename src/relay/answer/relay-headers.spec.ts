import { clientHeaders, headerValue, upstreamHeaders } from './relay-headers';

const raw = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text, 'latin1'));

describe(upstreamHeaders, () => {
  it('replaces every credential by the key', () => {
    const sent = upstreamHeaders(
      ['Authorization', 'Bearer a', 'X-Api-Key', 'b', 'api-key', 'c', 'X-Goog-Api-Key', 'd', 'Cookie', 'e'],
      undefined,
      'sk-key',
    );
    expect(sent).toEqual(['authorization', 'Bearer sk-key']);
  });

  it('keeps what belongs to the request and drops what belongs to the connection, to proxies or to an account', () => {
    const sent = upstreamHeaders(
      [
        'Content-Type',
        'application/json',
        'Host',
        'x',
        'TE',
        'trailers',
        'X-Forwarded-For',
        '1.2.3.4',
        'Forwarded',
        'x',
        'OpenAI-Organization',
        'org',
        'X-Stainless-Lang',
        'js',
      ],
      undefined,
      'k',
    );
    expect(sent.slice(2)).toEqual(['content-type', 'application/json', 'x-stainless-lang', 'js']);
  });

  it('drops the headers that Connection names', () => {
    expect(upstreamHeaders(['X-Hop', '1', 'X-Kept', '2'], 'keep-alive, X-Hop', 'k').slice(2)).toEqual(['x-kept', '2']);
  });
});

describe(clientHeaders, () => {
  it('carries our request id and keeps the upstream’s under another name', () => {
    expect(clientHeaders(raw('X-Request-Id', 'theirs'), 'ours', 'sk-key')).toEqual([
      'x-request-id',
      'ours',
      'x-upstream-request-id',
      'theirs',
    ]);
  });

  it('drops cookies, server names, accounts, CORS and connection headers', () => {
    const answer = raw(
      'Set-Cookie',
      'a',
      'Server',
      'b',
      'openai-organization',
      'c',
      'Access-Control-Allow-Origin',
      '*',
      'Transfer-Encoding',
      'chunked',
      'x-should-retry',
      'true',
      'Content-Type',
      'text/plain',
    );
    expect(clientHeaders(answer, 'id', 'sk-key')).toEqual(['x-request-id', 'id', 'content-type', 'text/plain']);
  });
});

describe('a header that quotes the key', () => {
  it('never reaches the client, whatever its name', () => {
    const answer = raw('X-Echo', 'Bearer sk-key', 'WWW-Authenticate', 'Bearer', 'X-Other', 'kept');
    expect(clientHeaders(answer, 'id', 'sk-key')).toEqual(['x-request-id', 'id', 'x-other', 'kept']);
  });
});

describe(headerValue, () => {
  it('finds a header whatever its case', () => {
    expect(headerValue(raw('A', '1', 'Retry-After', '7'), 'retry-after')).toBe('7');
    expect(headerValue(raw('A', '1'), 'retry-after')).toBe('');
  });
});
