import fc from 'fast-check';
import { frameLengthAt, frameOf, SEGMENT_HEADER, SegmentFrames } from './segment-format';

const payloadText = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 });
const somePayloads = fc.array(payloadText, { minLength: 1, maxLength: 6 });

const framed = (payload: string): Buffer => Buffer.from(frameOf(payload));
const segmentOf = (payloads: readonly string[]): Buffer => Buffer.concat([SEGMENT_HEADER, ...payloads.map(framed)]);

function read(segment: Buffer): { readonly payloads: string[]; readonly restBytes: number } {
  const frames = new SegmentFrames(segment);
  const payloads: string[] = [];
  for (let payload = frames.next(); payload; payload = frames.next()) payloads.push(payload.toString());
  return { payloads, restBytes: frames.restBytes };
}

/** How many of the payloads end at or before a place of their segment. */
function wholeUpTo(payloads: readonly string[], end: number): number {
  let at = SEGMENT_HEADER.length;
  const ends = payloads.map((payload) => (at += framed(payload).length));
  return ends.filter((one) => one <= end).length;
}

describe('a segment', () => {
  it('gives back its payloads', () => {
    fc.assert(
      fc.property(somePayloads, (payloads) => {
        expect(read(segmentOf(payloads))).toEqual({ payloads, restBytes: 0 });
      }),
    );
  });

  it('that is cut at any byte gives back what was whole before', () => {
    fc.assert(
      fc.property(somePayloads, (payloads) => {
        const segment = segmentOf(payloads);
        for (let end = 0; end <= segment.length; end++) {
          const whole = wholeUpTo(payloads, end);
          expect(read(segment.subarray(0, end)).payloads).toEqual(payloads.slice(0, whole));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('gives back what came before a flipped bit, and says how much it does not', () => {
    fc.assert(
      fc.property(somePayloads, fc.nat(), (payloads, place) => {
        const segment = segmentOf(payloads);
        const bit = place % (8 * segment.length);
        const at = Math.floor(bit / 8);
        segment[at] = (segment[at] ?? 0) ^ (1 << (bit % 8));
        const whole = at < SEGMENT_HEADER.length ? 0 : wholeUpTo(payloads, at);
        const { payloads: found, restBytes } = read(segment);
        expect(found).toEqual(payloads.slice(0, whole));
        expect(restBytes).toBeGreaterThan(0);
      }),
      { numRuns: 1_000 },
    );
  });

  it('ends where zeros begin, which a power cut may leave', () => {
    const segment = Buffer.concat([segmentOf(['a']), Buffer.alloc(100)]);
    expect(read(segment)).toEqual({ payloads: ['a'], restBytes: 100 });
  });

  it('never throws, whatever its bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(read(Buffer.from(bytes)).payloads).toEqual([]);
        expect(() => read(Buffer.concat([SEGMENT_HEADER, bytes]))).not.toThrow();
      }),
    );
  });

  it('takes payloads of any size', () => {
    const payloads = ['ä'.repeat(100_000), 'b', '💡'.repeat(20_000)];
    expect(read(segmentOf(payloads))).toEqual({ payloads, restBytes: 0 });
    const frame = framed(payloads[0] ?? '');
    expect(frameLengthAt(frame, 0)).toBe(frame.length);
  });
});
