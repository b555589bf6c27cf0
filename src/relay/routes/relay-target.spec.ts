import { relayTarget } from './relay-target';

describe(relayTarget, () => {
  it.each([
    ['/v1/chat/completions', '/v1/chat/completions'],
    ['/v1', '/v1'],
    ['/v1/', '/v1'],
    ['/v1/models/', '/v1/models'],
    ['/v1/models/org/model', '/v1/models/org/model'],
    ['/v1beta/models/gemini:generateContent', '/v1beta/models/gemini:generateContent'],
    ['//v1/chat/completions', '/v1/chat/completions'],
    ['/v1//chat/completions', '/v1/chat/completions'],
    ['/v1/v1/chat/completions', '/v1/chat/completions'],
    ['/v1/v1', '/v1'],
    ['/v1/v12/x', '/v1/v12/x'],
    ['/chat/completions', '/v1/chat/completions'],
    ['/models', '/v1/models'],
    ['/responses/resp_1/cancel', '/v1/responses/resp_1/cancel'],
    ['/openai/v1/chat/completions', '/v1/chat/completions'],
    ['/openai/responses', '/v1/responses'],
    ['http://any.host:80/v1/models', '/v1/models'],
    ['HTTPS://any.host/v1/models', '/v1/models'],
    ['/v1/files', '/v1/files'],
  ])('reads %s as %s', (url, path) => {
    expect(relayTarget(url)).toEqual({ path, query: '', deployment: null });
    expect(relayTarget(`${url}?a=/v1/b?`)).toEqual({ path, query: '?a=/v1/b?', deployment: null });
  });

  it('takes the model out of an Azure path', () => {
    expect(relayTarget('/openai/deployments/gpt-4o/chat/completions?api-version=1')).toEqual({
      path: '/v1/chat/completions',
      query: '?api-version=1',
      deployment: 'gpt-4o',
    });
  });

  it.each([
    '/',
    '',
    '*',
    '/api/channel',
    '//api/channel',
    '/V1/models',
    '/v10',
    '/v1x',
    '/%761/models',
    '/docs',
    '/chats',
  ])('leaves %s to others', (url) => {
    expect(relayTarget(url)).toBeNull();
  });

  it('does not linger on slashes', () => {
    expect(relayTarget(`/v1/${'/'.repeat(16_000)}x/`)?.path).toBe('/v1/x');
  });
});
