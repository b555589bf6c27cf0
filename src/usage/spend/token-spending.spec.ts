import fc from 'fast-check';
import { aRecord, anAttempt } from '../../../test/support/request-records';
import { tokenDeltas, type TokenUsageDelta } from '../flush/usage-deltas';
import type { RequestRecord } from '../request-record';
import { RequestSums } from '../request-sums';
import { TokenSpending, type TokenTotal } from './token-spending';

const DAY_MS = 24 * 3_600_000;
const NOON_MS = Date.UTC(2026, 10, 23, 12);
const DAY = '2026-11-23';

interface Batch {
  readonly instance: string;
  readonly seq: number;
  readonly isOwn: boolean;
  readonly tokens: readonly TokenUsageDelta[];
}

function aBatch(seq: number, records: readonly RequestRecord[], isOwn = true): Batch {
  const sums = new RequestSums();
  for (const record of records) sums.add(record);
  return { instance: 'one', seq, isOwn, tokens: tokenDeltas(sums.list()) };
}

function atNoon(given: Partial<RequestRecord> = {}): RequestRecord {
  return aRecord({ startedAtMs: NOON_MS, ...given });
}

function aTotal(period: string, requests: number): TokenTotal {
  return { tokenId: 7, period, requests, tokens: 15 * requests };
}

describe(TokenSpending.name, () => {
  let spending: TokenSpending;

  beforeEach(() => {
    spending = new TokenSpending();
  });

  /** Requests spent in all, as long as tokens fit them. */
  function spent(read = 0, period = 'total'): number {
    const { requests, tokens } = spending.spent(7, period, { period, requests: read, tokens: 15 * read });
    expect(tokens).toBe(15 * requests);
    return requests;
  }

  function record(count: number): RequestRecord[] {
    const records = Array.from({ length: count }, () => atNoon());
    for (const one of records) spending.add(one);
    return records;
  }

  it('counts each request at once: in all, for its day and for its month', () => {
    record(2);
    expect(['total', DAY, '2026-11', '2026-11-22'].map((period) => spent(0, period))).toEqual([2, 2, 2, 0]);
    expect(spending.spent(8, 'total', null)).toEqual({ period: 'total', requests: 0, tokens: 0 });
  });

  it('adds what the database had from elsewhere', () => {
    record(2);
    expect(spent(5)).toBe(7);
    expect(spending.spent(7, DAY, { period: '2026-11-22', requests: 9, tokens: 9 }).requests).toBe(2);
  });

  it('counts what is flushed neither twice nor not at all', () => {
    const batch = aBatch(1, record(3));
    record(1);
    spending.committing(batch);
    expect(spent(5)).toBe(4);
    spending.committed(batch, [aTotal('total', 8), aTotal(DAY, 3)]);
    expect([spent(8), spent(5), spent(9), spent(0, DAY)]).toEqual([9, 9, 10, 4]);
  });

  it('does not count a second time what the database had before anybody knew', () => {
    const batch = aBatch(1, record(3));
    spending.committing(batch);
    expect(spent(3)).toBe(3);
    spending.committing(batch);
    spending.committed(batch, [aTotal('total', 3)]);
    expect(spent(3)).toBe(3);
    spending.committed(batch, [aTotal('total', 3)]);
    expect([spent(3), spent(4)]).toEqual([3, 4]);
  });

  it('adds what a dead process left, when it is flushed', () => {
    record(1);
    const batch = aBatch(1, [atNoon(), atNoon()], false);
    spending.committing(batch);
    spending.committed(batch, [aTotal('total', 2)]);
    expect(spent(2)).toBe(3);
  });

  it('counts requests that an upstream served, and tokens whatever came of the request', () => {
    const cut = anAttempt({ verdict: 'HOST' });
    for (const attempts of [[cut], [anAttempt({ status: 400 })], [cut, anAttempt()], []]) {
      spending.add(atNoon({ attempts }));
    }
    expect(spending.spent(7, 'total', null)).toEqual({ period: 'total', requests: 1, tokens: 60 });
  });

  it('forgets days that are over, once they are flushed', () => {
    const batch = aBatch(1, record(1));
    record(1);
    spending.committing(batch);
    spending.add(atNoon({ startedAtMs: NOON_MS + DAY_MS }));
    spending.committed(batch, [aTotal(DAY, 1)]);
    expect(spent(0, DAY)).toBe(2);
    const rest = aBatch(2, [atNoon()]);
    spending.committing(rest);
    spending.committed(rest, [aTotal(DAY, 2)]);
    spending.add(atNoon({ startedAtMs: NOON_MS + 2 * DAY_MS }));
    expect([spent(0, DAY), spent(0, '2026-11')]).toEqual([0, 2]);
  });

  it('takes back exactly what it added, whatever upstreams claim', () => {
    const claims = fc.option(fc.oneof(fc.nat(), fc.double(), fc.constant(Number.MAX_SAFE_INTEGER)));
    const records = fc.array(
      fc.record({
        startedAtMs: fc.integer({ min: NOON_MS - 3 * DAY_MS, max: NOON_MS }),
        usage: fc.option(fc.record({ promptTokens: claims, completionTokens: claims, cachedTokens: claims })),
        attempts: fc.array(
          fc
            .record({ status: fc.constantFrom(0, 200, 299, 500), verdict: fc.constantFrom(null, 'HOST') })
            .map((given) => anAttempt(given)),
          { maxLength: 3 },
        ),
      }),
    );
    fc.assert(
      fc.property(records, (list) => {
        const ours = new TokenSpending();
        const recorded = list.map((given) => aRecord(given));
        for (const one of recorded) ours.add(one);
        const batch = aBatch(1, recorded);
        for (const { tokenId, period, requests, tokens } of batch.tokens) {
          expect(ours.spent(tokenId, period, null)).toEqual({ period, requests, tokens });
        }
        ours.committing(batch);
        ours.committed(batch, []);
        for (const { tokenId, period } of batch.tokens) {
          expect(ours.spent(tokenId, period, null)).toEqual({ period, requests: 0, tokens: 0 });
        }
      }),
    );
  });
});
