import { KEY_STATES, type KeyState } from '../../keys/key-state';
import type { KeyTransition } from '../../keys/key-transition';
import type { VerdictKind } from '../../channels/verdict-kinds';
import type { Verdict } from '../verdict/verdict';
import { decide } from './probe-decision';
import type { ProbeFinding } from './probe-finding';
import { unsupported } from './probe-judgement';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const POLICY = { suspectMs: 5_000, exhaustedMs: HOUR_MS, deadMs: HOUR_MS, coolDefaultMs: 5_000 };
const NOW_MS = Date.UTC(2026, 0, 15, 12);
const FIRST_REASON = { code: 'invalid_api_key', detail: 'Incorrect API key', httpStatus: 401, model: null };

interface Parts {
  readonly state?: KeyState;
  readonly failedProbes?: number;
  readonly reasonStatus?: number | null;
  readonly httpStatus?: number | null;
  readonly hintMs?: number | null;
}

function aFinding(kind: VerdictKind | null, parts: Parts = {}): ProbeFinding {
  const { state = 'suspect', failedProbes = 0, reasonStatus = 401, httpStatus = 401, hintMs = null } = parts;
  const verdict: Verdict | null = kind && {
    kind,
    rule: 'test/rule',
    code: 'what_it_said',
    message: 'In its own words',
    scope: 'key',
    minimumCoolMs: 0,
    fixedCoolMs: null,
    resetsAt: null,
  };
  const reason = { ...FIRST_REASON, httpStatus: reasonStatus };
  const key = { channelId: 1, keyId: 7, index: 3, revision: 42, mask: 'sk-1...2', state, failedProbes, reason };
  return { key, depth: 'free', verdict, said: verdict, httpStatus, hintMs, latencyMs: 5, settings: {} };
}

function decided(kind: VerdictKind | null, parts?: Parts): KeyTransition | null {
  return decide(aFinding(kind, parts), POLICY, 0, NOW_MS);
}

describe(decide, () => {
  it.each(['suspect', 'exhausted', 'dead'] as const)('brings a %s key back that is accepted', (state) => {
    expect(decided(null, { state, failedProbes: 4 })).toEqual({
      keyId: 7,
      revision: 42,
      to: 'active',
      code: null,
      detail: null,
      httpStatus: null,
      model: null,
      lastsMs: null,
      probeInMs: null,
      failedProbes: 0,
      actor: 'probe',
    });
  });

  it('leaves it to the next requests where nothing can be tried', () => {
    const untried = aFinding('AMBIGUOUS');
    const verdict = untried.verdict && unsupported(untried.verdict);
    expect(decide({ ...untried, verdict }, POLICY, 0, NOW_MS)).toMatchObject({ to: 'active', probeInMs: null });
  });

  it.each(['active', 'cooling'] as const)('leaves a %s key as it is that is accepted', (state) => {
    expect(decided(null, { state })).toBeNull();
  });

  it('never touches a key that is off by hand or cannot be read', () => {
    const kinds = [null, 'KEY_DEAD', 'KEY_EXHAUSTED', 'KEY_RATE', 'CHANNEL', 'HOST', 'AMBIGUOUS'] as const;
    for (const kind of kinds) {
      expect(decided(kind, { state: 'manual' })).toBeNull();
      if (kind !== null) expect(decided(kind, { state: 'unreadable' })).toBeNull();
    }
  });

  it('takes out a key that is refused, with the reason', () => {
    expect(decided('KEY_DEAD')).toMatchObject({
      to: 'dead',
      code: 'what_it_said',
      detail: 'In its own words',
      httpStatus: 401,
      lastsMs: null,
      probeInMs: HOUR_MS,
      failedProbes: 1,
    });
  });

  it('asks after a dead key half as often each time, up to once a day', () => {
    const waits = [0, 1, 2, 4, 5, 100].map(
      (failedProbes) => decided('KEY_DEAD', { state: 'dead', failedProbes })?.probeInMs,
    );
    expect(waits).toEqual([HOUR_MS, 2 * HOUR_MS, 4 * HOUR_MS, 16 * HOUR_MS, DAY_MS, DAY_MS]);
  });

  it('counts only the probes that found the key in the same state', () => {
    expect(decided('KEY_DEAD', { state: 'suspect', failedProbes: 5 })).toMatchObject({
      probeInMs: HOUR_MS,
      failedProbes: 1,
    });
  });

  it('keeps to a longer time that the channel asks for', () => {
    const month = { ...POLICY, deadMs: 30 * DAY_MS };
    expect(decide(aFinding('KEY_DEAD', { state: 'dead', failedProbes: 3 }), month, 0, NOW_MS)?.probeInMs).toBe(
      30 * DAY_MS,
    );
  });

  it('adds a tenth at most, so that keys do not all come at once', () => {
    expect(decide(aFinding('KEY_DEAD'), POLICY, 0.999_999, NOW_MS)?.probeInMs).toBeCloseTo(1.1 * HOUR_MS, -2);
  });

  it('lets an exhausted key rest until its quota is back, and asks then', () => {
    expect(decided('KEY_EXHAUSTED', { hintMs: 120_000 })).toMatchObject({
      to: 'exhausted',
      lastsMs: 120_000,
      probeInMs: 120_000,
      failedProbes: 1,
    });
    expect(decided('KEY_EXHAUSTED', { state: 'exhausted', failedProbes: 2 })?.lastsMs).toBe(4 * HOUR_MS);
  });

  it('takes a rate limit for a sign of life, and lets the key cool', () => {
    expect(decided('KEY_RATE', { state: 'dead', failedProbes: 3, hintMs: 20_000, httpStatus: 429 })).toMatchObject({
      to: 'cooling',
      lastsMs: 20_000,
      probeInMs: null,
      failedProbes: 0,
    });
  });

  it('neither prolongs nor shortens the rest of a key that cools already', () => {
    expect(decided('KEY_RATE', { state: 'cooling', hintMs: 1_000 })).toBeNull();
  });

  it.each(['CHANNEL', 'HOST'] as const)('holds a suspect and asks later, up to every 5 minutes, after %s', (kind) => {
    const waits = [0, 1, 2, 6, 100].map((failedProbes) =>
      decided(kind, { failedProbes, httpStatus: 503, reasonStatus: 503 }),
    );
    expect(waits.map((wait) => [wait?.to, wait?.probeInMs])).toEqual([
      ['suspect', 10_000],
      ['suspect', 20_000],
      ['suspect', 40_000],
      ['suspect', 300_000],
      ['suspect', 300_000],
    ]);
  });

  it.each(['dead', 'exhausted'] as const)('keeps a %s key with its reason when the channel is in trouble', (state) => {
    const kept = decided('CHANNEL', { state, failedProbes: 1, httpStatus: null });
    expect(kept).toMatchObject({ ...FIRST_REASON, to: state, probeInMs: 2 * HOUR_MS, failedProbes: 2 });
    expect(kept?.lastsMs).toBe(state === 'exhausted' ? 2 * HOUR_MS : null);
  });

  it('changes nothing of a key in use when nothing was found out about it', () => {
    for (const state of ['active', 'cooling'] as const) {
      for (const kind of ['CHANNEL', 'HOST', 'AMBIGUOUS'] as const) expect(decided(kind, { state })).toBeNull();
    }
  });

  it('takes a suspect out at the third unclear refusal in a row, not before', () => {
    expect(decided('AMBIGUOUS', { failedProbes: 0 })).toMatchObject({ to: 'suspect', failedProbes: 1 });
    expect(decided('AMBIGUOUS', { failedProbes: 1 })).toMatchObject({ to: 'suspect', failedProbes: 2 });
    expect(decided('AMBIGUOUS', { failedProbes: 2 })).toMatchObject({ to: 'dead', failedProbes: 1 });
  });

  it('begins to count anew when something else came in between', () => {
    expect(decided('AMBIGUOUS', { failedProbes: 5, reasonStatus: 503 })).toMatchObject({
      to: 'suspect',
      failedProbes: 1,
    });
    expect(decided('CHANNEL', { failedProbes: 2, httpStatus: 503 })).toMatchObject({ to: 'suspect', failedProbes: 1 });
  });

  it('never takes out a suspect that cannot be probed', () => {
    expect(decided('AMBIGUOUS', { failedProbes: 50, httpStatus: 404, reasonStatus: 404 })?.to).toBe('suspect');
  });

  it('counts no further than a smallint can hold', () => {
    for (const state of KEY_STATES) {
      for (const kind of ['KEY_DEAD', 'KEY_EXHAUSTED', 'CHANNEL', 'AMBIGUOUS'] as const) {
        const { failedProbes = 0 } = decided(kind, { state, failedProbes: 32_767 }) ?? {};
        expect(failedProbes).toBeLessThan(32_767);
      }
    }
  });
});
