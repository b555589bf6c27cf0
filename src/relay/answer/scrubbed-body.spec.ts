import { scrubbedBody } from './scrubbed-body';

const secret = 'sk-1234567890abcdef1234567890abcdef';
const body = Buffer.from(`{"error":{"message":"Schlüssel ${secret} und ${secret}"}}`);

describe(scrubbedBody, () => {
  it('masks the key wherever a body quotes it', () => {
    expect(scrubbedBody(body, secret).toString()).toBe(
      '{"error":{"message":"Schlüssel sk-1234...cdef und sk-1234...cdef"}}',
    );
  });

  it('knows the key in the spellings of JSON', () => {
    const odd = 'sk-a/b"c\\d/0123456789abcdef';
    const quoted = JSON.stringify({ message: odd });
    for (const text of [quoted, quoted.replaceAll('/', '\\/')]) {
      expect(scrubbedBody(Buffer.from(text), odd).toString()).toBe('{"message":"sk-a/b\\"...cdef"}');
    }
  });

  it('leaves a body without the key as it is', () => {
    const harmless = Buffer.from([0, 255, 128, 10]);
    expect(scrubbedBody(harmless, secret)).toBe(harmless);
  });
});
