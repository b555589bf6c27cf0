import { PROVIDER_TYPES } from '../../channels/provider-type';
import { probeRequests, type ProbeTarget } from './probe-requests';

const secret = 'sk-1234567890abcdef1234567890abcdef';

function aTarget(parts: Partial<ProbeTarget> & { base?: string } = {}): ProbeTarget {
  const { base = 'https://api.example.com', ...rest } = parts;
  return { upstream: new URL(base), provider: 'openai', secret, state: 'suspect', model: 'gpt-4o', ...rest };
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
    ['openai', []],
    ['azure', ['api-key']],
    ['anthropic', ['x-api-key']],
    ['gemini', ['x-goog-api-key']],
    ['deepseek', []],
  ] as const)('shows a key of %s as a bearer token and in %j, and nowhere else', (provider, others) => {
    for (const { headers, url, body } of probeRequests(aTarget({ provider }), 'free')) {
      const carriers = Object.keys(headers).filter((name) => headers[name]?.includes(secret));
      expect(carriers.sort()).toEqual(['authorization', ...others].sort());
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
