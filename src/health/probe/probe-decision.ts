import { canChangeAutomatically, type KeyState } from '../../keys/key-state';
import type { KeyTransition, StateReason } from '../../keys/key-transition';
import { exhaustedMs, rateCoolingMs } from '../cooling/cooling-time';
import type { Verdict } from '../verdict/verdict';
import type { ProbeFinding } from './probe-finding';
import { UNSUPPORTED_RULE } from './probe-judgement';

/** The times that a channel settles for its keys. */
export interface ProbePolicy {
  readonly suspectMs: number;
  readonly exhaustedMs: number;
  readonly deadMs: number;
  readonly coolDefaultMs: number;
}

/** Where a finding takes its key. */
type Step = Pick<KeyTransition, 'to' | 'lastsMs' | 'probeInMs' | 'failedProbes'> & { readonly reason: StateReason };

const LONGEST_SUSPECT_MS = 300_000;
const LONGEST_MS = 86_400_000;
const JITTER_SHARE = 0.1;
const UNCLEAR_REFUSALS_THAT_KILL = 3;
// Far beyond where the times stop to grow, and within a smallint.
const MOST_FAILURES_COUNTED = 100;
const NO_REASON: StateReason = { code: null, detail: null, httpStatus: null, model: null };

/** What a probe's finding does to its key; null when nothing changes. `jitter`: from 0 to below 1. */
export function decide(
  finding: ProbeFinding,
  policy: ProbePolicy,
  jitter: number,
  wallNowMs: number,
): KeyTransition | null {
  const step = stepOf(finding, policy, { jitter, wallNowMs });
  const { keyId, revision, state } = finding.key;
  if (step === null || !canChangeAutomatically(state, step.to)) return null;
  const { reason, ...rest } = step;
  return { ...reason, ...rest, keyId, revision, actor: 'probe' };
}

interface Circumstances {
  readonly jitter: number;
  readonly wallNowMs: number;
}

function stepOf(finding: ProbeFinding, policy: ProbePolicy, circumstances: Circumstances): Step | null {
  const { verdict } = finding;
  if (verdict === null) return revived(finding.key.state);
  switch (verdict.kind) {
    case 'KEY_DEAD':
      return dead(finding, verdict, policy, circumstances);
    case 'KEY_EXHAUSTED':
      return exhausted(finding, verdict, policy, circumstances);
    case 'KEY_RATE':
      return cooling(finding, verdict, policy, circumstances);
    case 'AMBIGUOUS':
      return unclear(finding, verdict, policy, circumstances);
    case 'CHANNEL':
    case 'HOST':
      return undecided(finding, verdict, policy, circumstances);
    case 'REQUEST':
    case 'KEY_MODEL':
      return null;
  }
}

/** A cooling key is accepted too, and yet it is to wait. */
function revived(state: KeyState): Step | null {
  if (state === 'active' || state === 'cooling') return null;
  return { to: 'active', lastsMs: null, probeInMs: null, failedProbes: 0, reason: NO_REASON };
}

function dead(finding: ProbeFinding, verdict: Verdict, { deadMs }: ProbePolicy, { jitter }: Circumstances): Step {
  const level = levelIn('dead', finding);
  return {
    to: 'dead',
    lastsMs: null,
    probeInMs: backOffMs(deadMs, level, LONGEST_MS, jitter),
    failedProbes: next(level),
    reason: reasonOf(finding, verdict),
  };
}

function exhausted(finding: ProbeFinding, verdict: Verdict, policy: ProbePolicy, circumstances: Circumstances): Step {
  const level = levelIn('exhausted', finding);
  const { hintMs } = finding;
  const ms = exhaustedMs({ hintMs, verdict, level, defaultMs: policy.exhaustedMs, ...circumstances });
  const reason = reasonOf(finding, verdict);
  return { to: 'exhausted', lastsMs: ms, probeInMs: ms, failedProbes: next(level), reason };
}

/** The key is good, and only asked to wait; one that waits already goes on waiting, not longer and not shorter. */
function cooling(
  finding: ProbeFinding,
  verdict: Verdict,
  { coolDefaultMs }: ProbePolicy,
  { jitter }: Circumstances,
): Step | null {
  if (finding.key.state === 'cooling') return null;
  const lastsMs = rateCoolingMs({ hintMs: finding.hintMs, verdict, level: 0, defaultMs: coolDefaultMs, jitter });
  return { to: 'cooling', lastsMs, probeInMs: null, failedProbes: 0, reason: reasonOf(finding, verdict) };
}

/** Refusals that do not say why count against the key only in a row; the count begins anew after any other outcome. */
function unclear(
  finding: ProbeFinding,
  verdict: Verdict,
  policy: ProbePolicy,
  circumstances: Circumstances,
): Step | null {
  const { state, reason, failedProbes } = finding.key;
  // Where nothing can be tried, the next requests are the probe; they find the key out for longer each time.
  if (verdict.rule === UNSUPPORTED_RULE) return revived(state);
  const isInRow = isUnclearRefusal(finding.httpStatus) && isUnclearRefusal(reason.httpStatus);
  const isLast = state === 'suspect' && isInRow && next(failedProbes) >= UNCLEAR_REFUSALS_THAT_KILL;
  return (isLast ? dead : undecided)(finding, verdict, policy, circumstances);
}

/** The key stays what it is and is looked at again later; one that is out keeps the reason for which it went. */
function undecided(
  finding: ProbeFinding,
  verdict: Verdict,
  policy: ProbePolicy,
  { jitter }: Circumstances,
): Step | null {
  const { state, failedProbes, reason } = finding.key;
  // A key that serves comes under suspicion when it is refused, though not for the trouble of its channel.
  if (state === 'suspect' || (state === 'active' && isUnclearRefusal(finding.httpStatus))) {
    const level = isUnclearRefusal(finding.httpStatus) === isUnclearRefusal(reason.httpStatus) ? failedProbes : 0;
    const probeInMs = backOffMs(policy.suspectMs, level + 1, LONGEST_SUSPECT_MS, jitter);
    const newReason = reasonOf(finding, verdict);
    return { to: state, lastsMs: null, probeInMs, failedProbes: next(level), reason: newReason };
  }
  if (state !== 'exhausted' && state !== 'dead') return null;
  const firstMs = state === 'dead' ? policy.deadMs : policy.exhaustedMs;
  const probeInMs = backOffMs(firstMs, failedProbes, LONGEST_MS, jitter);
  const lastsMs = state === 'dead' ? null : probeInMs;
  return { to: state, lastsMs, probeInMs, failedProbes: next(failedProbes), reason };
}

function isUnclearRefusal(httpStatus: number | null): boolean {
  return httpStatus === 401 || httpStatus === 403;
}

/** How many probes in a row have found the key in this state already. */
function levelIn(state: KeyState, { key }: ProbeFinding): number {
  return key.state === state ? key.failedProbes : 0;
}

function next(failedProbes: number): number {
  return Math.min(failedProbes + 1, MOST_FAILURES_COUNTED);
}

function backOffMs(firstMs: number, level: number, longestMs: number, jitter: number): number {
  const ms = Math.max(Math.min(firstMs * 2 ** level, longestMs), firstMs);
  return ms * (1 + JITTER_SHARE * jitter);
}

function reasonOf({ httpStatus }: ProbeFinding, { code, message }: Verdict): StateReason {
  return { code, detail: message === '' ? null : message, httpStatus, model: null };
}
