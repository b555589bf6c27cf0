import { credentialHeaders, dialectOf, requiredHeaders } from './providers';

describe(credentialHeaders, () => {
  it.each([
    ['openai', ['authorization', 'Bearer sk-1']],
    ['deepseek', ['authorization', 'Bearer sk-1']],
    ['azure', ['api-key', 'sk-1']],
    ['anthropic', ['x-api-key', 'sk-1']],
    ['gemini', ['x-goog-api-key', 'sk-1']],
  ] as const)('shows a key to %s in %j and nowhere else', (type, headers) => {
    expect(credentialHeaders(type, 'sk-1')).toEqual(headers);
  });
});

describe(dialectOf, () => {
  it.each([
    ['openai', 'openai'],
    ['azure', 'openai'],
    ['deepseek', 'openai'],
    ['anthropic', 'anthropic'],
    ['gemini', 'gemini'],
  ] as const)('says that upstreams of type %s speak %s', (type, dialect) => {
    expect(dialectOf(type)).toBe(dialect);
  });
});

describe(requiredHeaders, () => {
  it('says the version of the API to Anthropic, and nothing to others', () => {
    expect(requiredHeaders('anthropic')).toEqual(['anthropic-version', '2023-06-01']);
    for (const type of ['openai', 'azure', 'deepseek', 'gemini'] as const) expect(requiredHeaders(type)).toEqual([]);
  });
});
