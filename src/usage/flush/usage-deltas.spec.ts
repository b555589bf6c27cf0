import { aRecord, anAttempt } from '../../../test/support/request-records';
import { RequestSums, type UsageSum } from '../request-sums';
import { inOrder, keyDeltas, tokenDeltas } from './usage-deltas';

const HOUR_MS = 3_600_000;

function sumsOf(records: readonly Parameters<RequestSums['add']>[0][]): readonly UsageSum[] {
  const sums = new RequestSums();
  for (const record of records) sums.add(record);
  return sums.list();
}

describe('the order in which rows are locked', () => {
  const records = Array.from({ length: 200 }, (_, i) =>
    aRecord({
      startedAtMs: (i % 3) * HOUR_MS,
      tokenId: 10 - (i % 5),
      modelAsked: `m${i % 7}`,
      attempts: [anAttempt({ channelId: i % 2, keyId: 20 - (i % 11) })],
    }),
  );

  it('is the same for everybody, in whatever order requests came', () => {
    const [one, other] = [sumsOf(records), sumsOf(records.toReversed())];
    expect(inOrder(one)).toEqual(inOrder(other));
    expect(keyDeltas(one)).toEqual(keyDeltas(other));
    expect(tokenDeltas(one)).toEqual(tokenDeltas(other));
  });
});

describe(tokenDeltas, () => {
  it('has a total, a day and a month (UTC) for each token', () => {
    const records = [Date.UTC(2026, 1, 28, 23, 59), Date.UTC(2026, 2, 1)].map((startedAtMs) =>
      aRecord({ startedAtMs }),
    );
    expect(tokenDeltas(sumsOf(records)).map(({ period, requests, tokens }) => [period, requests, tokens])).toEqual([
      ['2026-02', 1, 15],
      ['2026-02-28', 1, 15],
      ['2026-03', 1, 15],
      ['2026-03-01', 1, 15],
      ['total', 2, 30],
    ]);
  });
});

describe(keyDeltas, () => {
  it('counts each attempt, and remembers the last', () => {
    const attempts = [
      anAttempt({ startedAtMs: 5 }),
      anAttempt({ startedAtMs: 9, keyId: 12 }),
      anAttempt({ startedAtMs: 7 }),
    ];
    expect(keyDeltas(sumsOf([aRecord({ attempts }), aRecord({ attempts: [] })]))).toEqual([
      { keyId: 11, requests: 2, tokens: 15, lastUsedMs: 7 },
      { keyId: 12, requests: 1, tokens: 0, lastUsedMs: 9 },
    ]);
  });
});
