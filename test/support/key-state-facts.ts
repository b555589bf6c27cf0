import type { KeyState } from '../../src/keys/key-state';
import type { ProbeFinding } from '../../src/health/probe/probe-finding';
import type { VerdictKind } from '../../src/channels/verdict-kinds';
import type { UpstreamAnswer, Verdict } from '../../src/health/verdict/verdict';
import { type AttemptEnd, LONG_REST_MS, type ProbeEnd, SHORT_REST_MS } from './key-state-model';

/** A key's row, as far as a test looks at it. */
export interface StoredKeyRow {
  readonly id: number;
  readonly position: number;
  readonly revision: number;
  readonly state: KeyState;
  readonly status: number;
  readonly mask: string;
  readonly code: string | null;
  readonly http: number | null;
  readonly model: string | null;
  readonly failed_probes: number;
  readonly has_end: boolean;
}

const KINDS: Readonly<Record<Exclude<AttemptEnd, 'success'> | Exclude<ProbeEnd, 'alive'>, VerdictKind>> = {
  dead: 'KEY_DEAD',
  ambiguous: 'AMBIGUOUS',
  'rate-short': 'KEY_RATE',
  'rate-long': 'KEY_RATE',
  'rate-key': 'KEY_RATE',
  rate: 'KEY_RATE',
  exhausted: 'KEY_EXHAUSTED',
  channel: 'CHANNEL',
  request: 'REQUEST',
};

/** Each key fails with a code of its own, so that they never fail alike. */
export function verdictOf(end: keyof typeof KINDS, keyNumber: number): Verdict {
  return {
    kind: KINDS[end],
    rule: 'test',
    code: `code_${keyNumber}`,
    message: '',
    scope: end === 'rate-short' || end === 'rate-long' ? 'model' : 'key',
    minimumCoolMs: 0,
    fixedCoolMs: null,
    resetsAt: null,
  };
}

/** The answer in which the upstream says so. */
export function upstreamWord(end: AttemptEnd): UpstreamAnswer {
  const seconds = (end === 'rate-short' ? SHORT_REST_MS : LONG_REST_MS) / 1000;
  return { status: 429, header: (name) => (name === 'retry-after' ? String(seconds) : ''), body: '' };
}

/** What a probe that began when the key was as in `row` brings back. */
export function probeFinding(channelId: number, row: StoredKeyRow, end: ProbeEnd): ProbeFinding {
  const verdict = end === 'alive' ? null : verdictOf(end, row.id);
  const { id: keyId, position: index, mask, state, revision, failed_probes: failedProbes } = row;
  const reason = { code: row.code, detail: null, httpStatus: row.http, model: row.model };
  return {
    key: { channelId, keyId, index, mask, state, revision, failedProbes, reason },
    depth: 'free',
    verdict,
    said: verdict,
    httpStatus: verdict === null ? 200 : 429,
    hintMs: LONG_REST_MS,
    latencyMs: 1,
    settings: {},
  };
}
