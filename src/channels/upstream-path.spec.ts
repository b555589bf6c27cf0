import type { ProviderType } from './provider-type';
import { type UpstreamTarget, upstreamPath, withoutVersion } from './upstream-path';

const CHAT = '/v1/chat/completions';
const GENERATE = '/v1beta/models/gemini-2.0-flash:generateContent';

function pathAt(type: ProviderType, basePath: string, target: Partial<UpstreamTarget> = {}): string {
  return upstreamPath({ type, basePath, apiVersion: '2024-10-21' }, { path: CHAT, query: '', model: 'm', ...target });
}

describe(upstreamPath, () => {
  const VERSIONS = [
    ['', CHAT],
    ['/v1', CHAT],
    ['/openai', '/openai/v1/chat/completions'],
    ['/openai/v1', '/openai/v1/chat/completions'],
    ['/api', '/api/v1/chat/completions'],
    ['/api/v1', '/api/v1/chat/completions'],
    ['/api/paas/v4', '/api/paas/v4/chat/completions'],
    ['/v1beta', '/v1beta/chat/completions'],
    ['/v1beta1', '/v1beta1/chat/completions'],
    ['/v1alpha', '/v1alpha/chat/completions'],
    ['/v1beta/openai', '/v1beta/openai/chat/completions'],
    ['/v1/openai', '/v1/openai/chat/completions'],
    ['/v1/me/openai', '/v1/me/openai/v1/chat/completions'],
    ['/proxy/my-v1', '/proxy/my-v1/v1/chat/completions'],
    ['/vault', '/vault/v1/chat/completions'],
  ] as const;

  it.each(VERSIONS)('joins the base path %j to %s', (basePath, path) => {
    for (const type of ['openai', 'deepseek'] as const) expect(pathAt(type, basePath)).toBe(path);
  });

  it.each([
    ['', '/v1/messages'],
    ['/v1', '/v1/messages'],
    ['/anthropic', '/anthropic/v1/messages'],
    ['/anthropic/v1', '/anthropic/v1/messages'],
  ])('joins the base path %j of Anthropic to %s', (basePath, path) => {
    expect(pathAt('anthropic', basePath, { path: '/v1/messages' })).toBe(path);
  });

  it.each([
    ['', GENERATE],
    ['/v1beta', GENERATE],
    ['/v1', '/v1/models/gemini-2.0-flash:generateContent'],
    ['/v1alpha', '/v1alpha/models/gemini-2.0-flash:generateContent'],
    ['/google', `/google${GENERATE}`],
    ['/google/v1beta', `/google${GENERATE}`],
  ])('joins the base path %j of Gemini to %s', (basePath, path) => {
    expect(pathAt('gemini', basePath, { path: GENERATE, query: '?alt=sse' })).toBe(`${path}?alt=sse`);
  });

  it.each([
    ['', ''],
    ['/openai', ''],
    ['/my/proxy', '/my/proxy'],
    ['/my/proxy/openai', '/my/proxy'],
  ])('joins the base path %j of Azure to the path of the deployment', (basePath, root) => {
    expect(pathAt('azure', basePath, { model: 'gpt 4/o' })).toBe(
      `${root}/openai/deployments/gpt%204%2Fo/chat/completions?api-version=2024-10-21`,
    );
  });

  it.each([
    ['/v1/responses', 'm', '/openai/responses'],
    ['/v1/responses/resp_1', '', '/openai/responses/resp_1'],
    ['/v1/responses/resp_1/input_items', '', '/openai/responses/resp_1/input_items'],
    ['/v1/models', '', '/openai/models'],
    ['/v1/models/m', 'm', '/openai/models/m'],
  ])('sends %s of model %j to %s beside the deployments of Azure', (path, model, expected) => {
    expect(pathAt('azure', '', { path, model })).toBe(`${expected}?api-version=2024-10-21`);
  });

  it.each([
    ['', '?api-version=2024-10-21'],
    ['?', '?api-version=2024-10-21'],
    ['?after=a&limit=1', '?after=a&limit=1&api-version=2024-10-21'],
    ['?api-version=preview', '?api-version=preview'],
    ['?limit=1&API-Version=2025-01-01', '?limit=1&API-Version=2025-01-01'],
    ['?my-api-version=1', '?my-api-version=1&api-version=2024-10-21'],
  ])('completes the query %j for Azure to %j', (query, expected) => {
    expect(pathAt('azure', '', { query })).toBe(`/openai/deployments/m/chat/completions${expected}`);
  });

  it.each(['/openai/v1', '/my/proxy/openai/v1'])('takes the base path %j of Azure as it is', (basePath) => {
    expect(pathAt('azure', basePath)).toBe(`${basePath}/chat/completions`);
    expect(pathAt('azure', basePath, { query: '?api-version=preview' })).toBe(
      `${basePath}/chat/completions?api-version=preview`,
    );
  });

  it('keeps the query', () => {
    expect(pathAt('openai', '/v1', { path: '/v1/embeddings', query: '?a=1' })).toBe('/v1/embeddings?a=1');
  });
});

describe(withoutVersion, () => {
  it.each([
    ['', ''],
    ['/v1', ''],
    ['/api/v1beta', '/api'],
    ['/api', '/api'],
  ])('makes %j %j', (basePath, rest) => {
    expect(withoutVersion(basePath)).toBe(rest);
  });
});
