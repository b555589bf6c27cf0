import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { VERDICT_KINDS } from '../channels/verdict-kinds';
import { aRecord, anAttempt } from '../../test/support/request-records';
import { RequestSums, type UsageSum } from './request-sums';

const NOVEMBER_MS = Date.UTC(2026, 10, 1);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe(RequestSums, () => {
  function sumsOf(...records: readonly Parameters<RequestSums['add']>[0][]): readonly UsageSum[] {
    const sums = new RequestSums();
    for (const record of records) sums.add(record);
    return sums.list();
  }

  it('counts each attempt with its own key, the request and its tokens with the last one', () => {
    const sums = sumsOf(aRecord({ attempts: [anAttempt({ keyId: 1, verdict: 'KEY_DEAD' }), anAttempt({ keyId: 2 })] }));
    expect(
      sums.map(({ keyId, attempts, refused, ok, requests, promptTokens }) => [
        keyId,
        attempts,
        refused,
        ok,
        requests,
        promptTokens,
      ]),
    ).toEqual([
      [1, 1, 1, 0, 0, 0],
      [2, 1, 0, 1, 1, 10],
    ]);
  });

  it('keeps hours, channels, tokens and models apart', () => {
    const records = [
      aRecord(),
      aRecord(),
      aRecord({ startedAtMs: NOVEMBER_MS }),
      aRecord({ tokenId: 8 }),
      aRecord({ modelAsked: 'large' }),
      aRecord({ attempts: [anAttempt({ channelId: 2 })] }),
    ];
    const sums = sumsOf(...records);
    expect(sums.map(({ requests }) => requests)).toEqual([2, 1, 1, 1, 1]);
    expect(sums.map(({ hourMs }) => (NOVEMBER_MS - hourMs) / 3_600_000)).toEqual([1, 0, 1, 1, 1]);
  });

  it.each([
    ['rateLimited', ['KEY_RATE']],
    ['exhausted', ['KEY_EXHAUSTED']],
    ['refused', ['KEY_DEAD', 'KEY_MODEL', 'AMBIGUOUS']],
    ['upstreamErrors', ['CHANNEL', 'HOST']],
    ['otherErrors', ['REQUEST', 'SOMETHING_NEW']],
  ] as const)('counts as %s what was taken for %s', (counter, verdicts) => {
    const sums = sumsOf(aRecord({ attempts: verdicts.map((verdict) => anAttempt({ status: 500, verdict })) }));
    expect(sums).toMatchObject([{ [counter]: verdicts.length, attempts: verdicts.length }]);
  });

  it('counts every attempt as exactly one thing', () => {
    const verdicts = [null, ...VERDICT_KINDS].flatMap((verdict) =>
      [0, 200, 302, 500].map((status) => ({ verdict, status })),
    );
    const [sum] = sumsOf(aRecord({ attempts: verdicts.map(anAttempt) }));
    const { ok, rateLimited, exhausted, refused, upstreamErrors, otherErrors } = sum ?? ({} as UsageSum);
    expect(ok).toBe(1);
    expect(ok + rateLimited + exhausted + refused + upstreamErrors + otherErrors).toBe(verdicts.length);
  });

  it('adds up to the same, whether requests are added or sums of them', () => {
    const records = [
      aRecord(),
      aRecord({ attempts: [anAttempt({ startedAtMs: NOVEMBER_MS })] }),
      aRecord({ tokenId: 8 }),
    ];
    const merged = new RequestSums();
    for (const record of records) for (const sum of sumsOf(record)) merged.addSum(sum);
    expect(merged.list()).toEqual(sumsOf(...records));
  });

  it.each([
    ['models', (i: number) => ({ modelAsked: `m${i}` })],
    ['keys', (i: number) => ({ attempts: [anAttempt({ keyId: i })] })],
    ['channels', (i: number) => ({ attempts: [anAttempt({ channelId: i })] })],
  ])('adds up in one sum for each token and hour what is of ever new %s', (_, kindOf) => {
    const sums = new RequestSums(100);
    for (let i = 0; i < 200; i++) sums.add(aRecord({ tokenId: i % 2, ...kindOf(i) }));
    // What is known already goes on by itself.
    sums.add(aRecord({ tokenId: 1, ...kindOf(1) }));
    const list = sums.list();
    expect(list).toHaveLength(102);
    expect(list[1]?.requests).toBe(2);
    const others = { channelId: 0, keyId: 0, model: '(other)', requests: 50, ok: 50, promptTokens: 500 };
    expect(list.slice(-2)).toMatchObject([
      { tokenId: 0, ...others },
      { tokenId: 1, ...others },
    ]);
  });

  it('stays within bounds, less than 400 bytes a sum, and loses no count, also when tokens are without end', () => {
    const sums = new RequestSums(20_000);
    const record = aRecord();
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let tokenId = 1; tokenId <= 40_000; tokenId++) sums.add({ ...record, tokenId });
    collectGarbage();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(30_000 * 400);
    const list = sums.list();
    expect(list).toHaveLength(30_001);
    expect(list.at(-1)).toMatchObject({ tokenId: 0, requests: 10_000 });
    expect(list.reduce((total, { requests }) => total + requests, 0)).toBe(40_000);
  });

  it('keeps nothing of a text but what it counts by', () => {
    const sums = new RequestSums();
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 50; i++) sums.add(aRecord({ modelAsked: `${i}${'x'.repeat(1024 * 1024)}` }));
    collectGarbage();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(10 * 1024 * 1024);
    expect(sums.list()).toHaveLength(50);
  });

  it('lets no claim of an upstream break the sums', () => {
    const usage = { promptTokens: Number.MAX_SAFE_INTEGER, completionTokens: -5, cachedTokens: NaN };
    const sums = sumsOf(...Array.from({ length: 100 }, () => aRecord({ usage, durationMs: -1 })));
    expect(sums).toMatchObject([{ promptTokens: 100e9, completionTokens: 0, cachedTokens: 0, durationMs: 0 }]);
  });
});
