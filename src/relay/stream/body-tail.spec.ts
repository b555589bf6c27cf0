import fc from 'fast-check';
import { BodyTail, TAIL_BYTES } from './body-tail';

function filled(chunks: readonly Buffer[]): BodyTail {
  const tail = new BodyTail();
  for (const chunk of chunks) tail.add(chunk);
  return tail;
}

describe(BodyTail, () => {
  it('keeps a single piece as it is', () => {
    const body = Buffer.from('{"usage":{}}');
    expect(filled([body]).bytes.buffer).toBe(body.buffer);
    expect(filled([body]).bytes).toEqual(body);
  });

  it('keeps the last 64 KiB, however they come, and leaves what came as it is', () => {
    const size = fc.oneof(fc.nat(20), fc.nat(3_000), fc.nat(3 * TAIL_BYTES));
    fc.assert(
      fc.property(fc.array(size, { maxLength: 30 }), (sizes) => {
        const chunks = sizes.map((bytes, index) => Buffer.alloc(bytes, `${index},`));
        const before = Buffer.concat(chunks);
        expect(filled(chunks).bytes.equals(before.subarray(Math.max(0, before.length - TAIL_BYTES)))).toBe(true);
        expect(Buffer.concat(chunks).equals(before)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
