import { problemWithHeaderOverride } from './header-override.rule';

describe(problemWithHeaderOverride, () => {
  it.each([
    [{}],
    [{ 'X-Title': 'Keymux', 'user-agent': null }],
    [{ 'openai-organization': 'org-1', 'anthropic-beta': 'a,b' }],
    [{ 'x-latin': 'caf\u00e9\tau lait' }],
    [{ "!#$%&'*+-.^_`|~1a": 'x'.repeat(4096) }],
    [Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`x-${i}`, 'y']))],
  ])('takes %j', (value) => {
    expect(problemWithHeaderOverride(value)).toBeNull();
  });

  it.each([[null], [[]], ['x: y'], [1], [Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`x-${i}`, 'y']))]])(
    'refuses %j, which is no object of at most 64 headers',
    (value) => {
      expect(problemWithHeaderOverride(value)).toMatch(/^must be an object of at most 64 headers/);
    },
  );

  it.each(['', ' ', 'x y', 'x:', 'x\r\ny', 'x\0', 'h\u00e9', 'x'.repeat(101)])('refuses the name %j', (name) => {
    expect(problemWithHeaderOverride({ [name]: 'y' })).toContain("is no header's name");
  });

  it.each(['', 'a\r\nb: c', 'a\nb', 'a\rb', 'a\0', '\u007f', '\u0100', '\u4f60', 'x'.repeat(4097), 1, true, {}, []])(
    'refuses the value %j',
    (value) => {
      expect(problemWithHeaderOverride({ 'x-title': value })).toContain('needs a value');
    },
  );

  it.each([
    ['Authorization', 'credential'],
    ['proxy-authorization', 'connection'],
    ['x-auth-token', 'credential'],
    ['X-Api-Key', 'credential'],
    ['api-key', 'credential'],
    ['x-goog-api-key', 'credential'],
    ['cookie', 'credential'],
    ['host', 'connection'],
    ['connection', 'connection'],
    ['keep-alive', 'connection'],
    ['proxy-authenticate', 'connection'],
    ['proxy-connection', 'connection'],
    ['te', 'connection'],
    ['trailer', 'connection'],
    ['upgrade', 'connection'],
    ['Content-Length', 'body'],
    ['transfer-encoding', 'connection'],
    ['content-type', 'body'],
    ['accept-encoding', 'body'],
    ['expect', 'body'],
    ['x-forwarded-for', 'never goes upstream'],
    ['X-Forwarded-', 'never goes upstream'],
    ['forwarded', 'never goes upstream'],
  ])('refuses to set or remove %s and says why', (name, why) => {
    for (const value of ['x', null]) {
      const problem = problemWithHeaderOverride({ 'x-title': 'y', [name]: value });
      expect(problem).toContain(JSON.stringify(name));
      expect(problem).toContain(why);
    }
  });

  it('refuses a name that is there twice in another case', () => {
    expect(problemWithHeaderOverride({ 'X-Title': 'a', 'x-title': 'b' })).toContain('"x-title" is there twice');
  });
});
