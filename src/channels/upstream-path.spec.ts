import { upstreamPath } from './upstream-path';

describe(upstreamPath, () => {
  it.each([
    ['', '/v1/chat/completions'],
    ['/v1', '/v1/chat/completions'],
    ['/openai', '/openai/v1/chat/completions'],
    ['/openai/v1', '/openai/v1/chat/completions'],
    ['/api/paas/v4', '/api/paas/v4/chat/completions'],
    ['/v1beta', '/v1beta/v1/chat/completions'],
  ])('joins the base path %j to %s', (basePath, path) => {
    expect(upstreamPath(basePath, '/v1/chat/completions', '')).toBe(path);
  });

  it('keeps the query', () => {
    expect(upstreamPath('/v1', '/v1/embeddings', '?a=1')).toBe('/v1/embeddings?a=1');
  });
});
