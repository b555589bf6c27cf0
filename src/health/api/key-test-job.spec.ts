import type { ProbeFinding } from '../probe/probe-finding';
import type { VerdictKind } from '../../channels/verdict-kinds';
import type { Verdict } from '../verdict/verdict';
import { KeyTestJob } from './key-test-job';

function aFinding(kind: VerdictKind | null, index = 0): ProbeFinding {
  const verdict: Verdict | null = kind && {
    kind,
    rule: 'test/rule',
    code: 'a_code',
    message: '',
    scope: 'key',
    minimumCoolMs: 0,
    fixedCoolMs: null,
    resetsAt: null,
  };
  const reason = { code: null, detail: null, httpStatus: null, model: null };
  const seen = { channelId: 1, keyId: index + 1, index, revision: 1 };
  const key = { ...seen, mask: 'sk-1...2', state: 'suspect', failedProbes: 0, reason } as const;
  return { key, depth: 'free', verdict, said: verdict, httpStatus: 401, hintMs: null, latencyMs: 1, settings: {} };
}

describe(KeyTestJob, () => {
  let job: KeyTestJob;

  beforeEach(() => {
    job = new KeyTestJob('a-job', 1, 1_000, new Date(0));
  });

  it('counts each key under what was found', () => {
    for (const kind of [null, null, 'KEY_DEAD', 'KEY_EXHAUSTED', 'KEY_RATE', 'AMBIGUOUS', 'CHANNEL', 'HOST'] as const) {
      job.record(aFinding(kind));
    }
    job.recordFailure();
    expect(job.counts).toEqual({ alive: 2, dead: 1, exhausted: 1, rateLimited: 1, ambiguous: 1, failed: 3 });
    expect(job.done).toBe(9);
  });

  it('counts a key that is gone as done, and as nothing else', () => {
    job.record(null);
    expect(job.done).toBe(1);
    expect(Object.values(job.counts).every((count) => count === 0)).toBe(true);
  });

  it('keeps the first hundred problems', () => {
    for (let index = 0; index < 150; index++) job.record(aFinding('KEY_DEAD', index));
    expect(job.problems).toHaveLength(100);
    expect(job.problems.at(-1)).toMatchObject({ index: 99, verdict: 'KEY_DEAD', code: 'a_code', httpStatus: 401 });
    expect(job.counts.dead).toBe(150);
  });

  it('changes no more once it has ended', () => {
    job.end('cancelled', new Date(5_000));
    job.record(aFinding(null));
    job.recordFailure();
    job.end('done', new Date(9_000));
    expect([job.state, job.done, job.finishedAt]).toEqual(['cancelled', 0, new Date(5_000)]);
  });
});
