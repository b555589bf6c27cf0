import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { decodedBody, MOST_ERROR_BYTES } from './decoded-body';

const body = Buffer.from(`{"error":{"message":"${'Schlüssel '.repeat(50)}"}}`);
const ENCODINGS: [string, Buffer][] = [
  ['', body],
  ['identity', body],
  ['gzip', gzipSync(body)],
  ['X-GZIP', gzipSync(body)],
  ['deflate', deflateSync(body)],
  ['BR', brotliCompressSync(body)],
];

describe(decodedBody, () => {
  it.each(ENCODINGS)('reads a body of encoding %j', (encoding, encoded) => {
    expect(decodedBody(encoded, encoding)?.toString()).toBe(body.toString());
  });

  it.each(ENCODINGS)('reads what there is of a body of encoding %j that was cut off', (encoding, encoded) => {
    const read = decodedBody(encoded.subarray(0, -12), encoding, false);
    expect(read).not.toBeNull();
    expect(body.subarray(0, read?.length)).toEqual(read);
  });

  it('gives up on bombs, damage and unknown encodings', () => {
    expect(decodedBody(gzipSync(Buffer.alloc(MOST_ERROR_BYTES + 1)), 'gzip')).toBeNull();
    expect(decodedBody(gzipSync(body).subarray(0, 30), 'gzip')).toBeNull();
    expect(decodedBody(Buffer.from('no gzip at all'), 'gzip', false)).toBeNull();
    expect(decodedBody(body, 'zstd')).toBeNull();
  });
});
