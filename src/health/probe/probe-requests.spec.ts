import { PROVIDER_TYPES } from '../../channels/provider-type';
import { probeRequests, type ProbeTarget } from './probe-requests';

const secret = 'sk-1234567890abcdef1234567890abcdef';

function aTarget(parts: Partial<ProbeTarget> & { base?: string } = {}): ProbeTarget {
  const { base = 'https://api.example.com', ...rest } = parts;
  return {
    upstream: new URL(base),
    provider: 'openai',
    apiVersion: '2024-10-21',
    headerOverride: new Map(),
    secret,
    state: 'suspect',
    model: 'gpt-4o',
    ...rest,
  };
}

function lines(target: ProbeTarget, depth: 'free' | 'call'): string[] {
  return probeRequests(target, depth).map(({ method, url, depth: asked }) => `${asked} ${method} ${url}`);
}

const MODELS = 'free GET https://api.example.com/v1/models';
const CALL = 'call POST https://api.example.com/v1/chat/completions';
const BALANCE = 'free GET https://api.example.com/user/balance';

describe(probeRequests, () => {
  it('lists models first, and calls if the upstream knows no list', () => {
    expect(lines(aTarget(), 'free')).toEqual([MODELS, CALL]);
    expect(lines(aTarget({ model: null }), 'free')).toEqual([MODELS]);
  });

  it('calls at once when told to, and lists models where no model is known', () => {
    expect(lines(aTarget(), 'call')).toEqual([CALL]);
    expect(lines(aTarget({ model: null }), 'call')).toEqual([MODELS]);
  });

  it('asks for the balance of an exhausted key where there is such a path, and calls elsewhere', () => {
    const exhausted = { state: 'exhausted' } as const;
    expect(lines(aTarget({ ...exhausted, provider: 'deepseek' }), 'free')).toEqual([BALANCE, CALL]);
    const versioned = aTarget({ ...exhausted, provider: 'deepseek', base: 'https://api.example.com/v1' });
    expect(lines(versioned, 'free')).toEqual([BALANCE, CALL]);
    expect(lines(aTarget(exhausted), 'free')).toEqual([CALL]);
    expect(lines(aTarget({ ...exhausted, model: null }), 'free')).toEqual([MODELS]);
  });

  it('keeps to the base URL, with its version if it names one', () => {
    const base = 'https://api.example.com/api/paas/v4/';
    expect(probeRequests(aTarget({ base }), 'free').map(({ url }) => url)).toEqual([
      'https://api.example.com/api/paas/v4/models',
      'https://api.example.com/api/paas/v4/chat/completions',
    ]);
  });

  it('calls for one token of the model', () => {
    const [call] = probeRequests(aTarget(), 'call');
    expect(call?.body).toEqual({ model: 'gpt-4o', max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] });
  });

  it.each([
    [
      'azure',
      '',
      ['/openai/models?api-version=2024-10-21', '/openai/deployments/m/chat/completions?api-version=2024-10-21'],
    ],
    ['azure', '/openai/v1', ['/openai/v1/models', '/openai/v1/chat/completions']],
    ['anthropic', '', ['/v1/models', '/v1/messages']],
    ['gemini', '', ['/v1beta/models', '/v1beta/models/m:generateContent']],
    ['gemini', '/v1', ['/v1/models', '/v1/models/m:generateContent']],
  ] as const)("asks %s at the base path %j by the provider's own paths", (provider, base, paths) => {
    const target = aTarget({ provider, base: `https://api.example.com${base}`, model: 'm' });
    const urls = paths.map((path) => `https://api.example.com${path}`);
    expect(probeRequests(target, 'free').map(({ url }) => url)).toEqual(urls);
  });

  it('calls for one token in the form of each dialect', () => {
    const bodyFor = (provider: ProbeTarget['provider']): unknown =>
      probeRequests(aTarget({ provider }), 'call')[0]?.body;
    expect(bodyFor('anthropic')).toEqual({
      model: 'gpt-4o',
      max_tokens: 1,
      messages: [{ role: 'user', content: 'hi' }],
    });
    expect(bodyFor('gemini')).toEqual({
      contents: [{ parts: [{ text: 'hi' }] }],
      generationConfig: { maxOutputTokens: 1 },
    });
  });

  it('names the version of the API to Anthropic', () => {
    const [list] = probeRequests(aTarget({ provider: 'anthropic' }), 'free');
    expect(list?.headers).toMatchObject({ 'anthropic-version': '2023-06-01', 'user-agent': 'keymux' });
  });

  it("sets and removes headers as the channel's requests do, but never the one of the key", () => {
    const headerOverride = new Map([
      ['x-title', 'probe'],
      ['user-agent', null],
      ['authorization', 'Bearer other'],
    ]);
    const [list] = probeRequests(aTarget({ headerOverride }), 'free');
    expect(list?.headers).toEqual({ 'x-title': 'probe', authorization: `Bearer ${secret}` });
  });

  it.each([
    ['openai', 'authorization'],
    ['azure', 'api-key'],
    ['anthropic', 'x-api-key'],
    ['gemini', 'x-goog-api-key'],
    ['deepseek', 'authorization'],
  ] as const)('shows a key of %s in %s, and nowhere else', (provider, carrier) => {
    for (const { headers, url, body } of probeRequests(aTarget({ provider }), 'free')) {
      expect(Object.keys(headers).filter((name) => headers[name]?.includes(secret))).toEqual([carrier]);
      expect(`${url} ${JSON.stringify(body)}`).not.toContain(secret);
    }
  });

  it.each(PROVIDER_TYPES)('sends to the origin of the base URL alone for %s', (provider) => {
    for (const state of ['suspect', 'exhausted'] as const) {
      for (const { url } of probeRequests(aTarget({ provider, state }), 'free')) {
        expect(new URL(url).origin).toBe('https://api.example.com');
      }
    }
  });
});
