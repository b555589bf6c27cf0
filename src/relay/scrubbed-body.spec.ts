import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { MOST_ERROR_BYTES, scrubbedBody } from './scrubbed-body';

const secret = 'sk-1234567890abcdef1234567890abcdef';
const body = Buffer.from(`{"error":{"message":"Schlüssel ${secret} und ${secret}"}}`);
const scrubbed = '{"error":{"message":"Schlüssel sk-1234...cdef und sk-1234...cdef"}}';

describe(scrubbedBody, () => {
  it.each([
    ['', body],
    ['identity', body],
    ['gzip', gzipSync(body)],
    ['deflate', deflateSync(body)],
    ['BR', brotliCompressSync(body)],
  ])('masks the key wherever a body of encoding %j quotes it', (encoding, encoded) => {
    expect(scrubbedBody(encoded, encoding, secret)?.toString()).toBe(scrubbed);
  });

  it('knows the key in the spellings of JSON', () => {
    const odd = 'sk-a/b"c\\d/0123456789abcdef';
    const quoted = JSON.stringify({ message: odd });
    for (const text of [quoted, quoted.replaceAll('/', '\\/')]) {
      expect(scrubbedBody(Buffer.from(text), '', odd)?.toString()).toBe('{"message":"sk-a/b\\"...cdef"}');
    }
  });

  it('leaves a body without the key as it is', () => {
    const harmless = Buffer.from([0, 255, 128, 10]);
    expect(scrubbedBody(harmless, '', secret)).toBe(harmless);
  });

  it('gives up on what it cannot read: bombs, damage and unknown encodings', () => {
    expect(scrubbedBody(gzipSync(Buffer.alloc(MOST_ERROR_BYTES + 1)), 'gzip', secret)).toBeNull();
    expect(scrubbedBody(gzipSync(body).subarray(0, 30), 'gzip', secret)).toBeNull();
    expect(scrubbedBody(body, 'zstd', secret)).toBeNull();
  });
});
