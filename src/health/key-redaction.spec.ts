import { redactKeys } from './key-redaction';

const secret = 'sk-1234567890abcdef1234567890abcdef';

describe(redactKeys, () => {
  it('masks the key wherever it is quoted', () => {
    expect(redactKeys(`${secret} and "${secret}"`, secret)).toBe('sk-1234...cdef and "sk-1234...cdef"');
  });

  it('knows a key in the spellings of JSON, and leaves the JSON whole', () => {
    const odd = 'k/"\\$&$1 0123456789abcdefghij'.replace(' ', '');
    const json = JSON.stringify({ message: odd });
    for (const text of [json, json.replaceAll('/', '\\/')]) {
      const redacted = redactKeys(text, odd);
      expect(redacted).not.toContain('0123456789');
      expect(JSON.parse(redacted)).toEqual({ message: 'k/"\\$&$...ghij' });
    }
  });

  it.each([
    'sk-proj-aaaabbbbccccddddeeeeffff',
    'AIzaSyA1234567890abcdefghijklmnopqrs',
    'gsk_abcdefghijklmnop12345678',
    'sk-test0************************abcd',
  ])('masks what looks like another key: %s', (other) => {
    expect(redactKeys(`Incorrect API key provided: ${other}.`, secret)).not.toContain(other);
  });

  it('leaves other words alone', () => {
    const text = 'Ask-me-anything: risk-free task-oriented models, see https://example.com/sk-faq';
    expect(redactKeys(text, secret)).toBe(text);
  });
});
