import fc from 'fast-check';
import { aRecord } from '../../../test/support/request-records';
import type { RequestRecord } from '../request-record';
import { RequestSums } from '../request-sums';
import { decodeEntry, encodeRecord, encodeSum } from './record-codec';

/** Also halves of characters, NUL, quotes, line ends and what looks like our own format. */
const hostileText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((codes) => String.fromCharCode(...codes)),
  fc.constantFrom('KEYMUXJ1', '"],[1,"', '\u2028\u2029\r\n\0', '\ud800', '__proto__', 'x'.repeat(100_000)),
);
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const countOrNull = fc.option(count);

const anyAttempt = fc.record({
  channelId: count,
  keyId: count,
  keyIndex: count,
  startedAtMs: count,
  durationMs: count,
  status: count,
  verdict: fc.option(hostileText),
});
const anyRecord: fc.Arbitrary<RequestRecord> = fc.record({
  requestId: hostileText,
  startedAtMs: count,
  durationMs: count,
  ttftMs: countOrNull,
  tokenId: count,
  path: hostileText,
  modelAsked: hostileText,
  modelSent: fc.option(hostileText),
  isStream: fc.boolean(),
  status: count,
  endReason: fc.constantFrom('done', 'client_gone', 'upstream_error', 'timeout', 'refused', 'shutdown'),
  usage: fc.option(fc.record({ promptTokens: countOrNull, completionTokens: countOrNull, cachedTokens: countOrNull })),
  isEstimated: fc.boolean(),
  attempts: fc.array(anyAttempt, { maxLength: 4 }),
});

const decoded = (payload: string): unknown => decodeEntry(Buffer.from(payload));

describe('journal payloads', () => {
  it('give back each record as it was, whatever its texts are', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        expect(decoded(encodeRecord(record))).toEqual({ record });
      }),
    );
  });

  it('give back each sum as it was', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 5 }), (records) => {
        const sums = new RequestSums();
        for (const record of records) sums.add(record);
        for (const sum of sums.list()) expect(decoded(encodeSum(sum))).toEqual({ sum });
      }),
    );
  });

  it('are read when a later program has put something at their end', () => {
    const record = aRecord();
    const wire = JSON.parse(encodeRecord(record)) as unknown[];
    expect(decoded(JSON.stringify([...wire, 'later', { more: 1 }]))).toEqual({ record });
  });

  it('of an unknown kind, or without sense, are none', () => {
    for (const payload of ['[99,"x"]', '[]', '{}', 'null', '[1]', '[1,2,3]', '{', '', '\0']) {
      expect(decoded(payload)).toBeNull();
    }
  });

  it('are never more than bytes to what is not ours', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(() => decodeEntry(Buffer.from(bytes))).not.toThrow();
      }),
    );
  });
});
