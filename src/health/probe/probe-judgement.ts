import type { VerdictOverride } from '../../channels/health-settings';
import type { ProviderType } from '../../channels/provider-type';
import type { OwnAnswer } from '../own-requests';
import { classify } from '../verdict/classifier';
import type { UpstreamAnswer, Verdict } from '../verdict/verdict';
import type { ProbeSubject } from './probe-requests';

/** What an answer to a probe shows. `unknown`: the upstream does not know what it was asked, so nothing about the key. */
export interface ProbeFacts {
  readonly kind: 'accepted' | 'refused' | 'unknown';
  /** What the answer says; null when it is a good one. A key can be accepted and the rest of the request refused. */
  readonly said: Verdict | null;
}

/** Names the verdict on a key that no request of ours can try. */
export const UNSUPPORTED_RULE = 'probe/unsupported';

const CLASSIFIED_CHARACTERS = 65_536;
const UNKNOWN_PATH_STATUSES = [404, 405, 501];

/** Judges the answer to one request of a probe. */
export function judgeProbe(
  subject: ProbeSubject,
  answer: OwnAnswer,
  provider: ProviderType,
  overrides: readonly VerdictOverride[],
): ProbeFacts {
  const content = isSuccess(answer) ? contentOf(answer) : null;
  if (content?.isGood === true) {
    const isBroke = subject === 'balance' && content.isAvailable === false;
    return isBroke ? { kind: 'refused', said: NO_BALANCE } : { kind: 'accepted', said: null };
  }
  const said = classify(provider, { ...answer, body: answer.body.slice(0, CLASSIFIED_CHARACTERS) }, overrides);
  return { kind: kindOf(subject, answer, said, content !== null), said };
}

/** What is said of a key that no request of ours can try. */
export function unsupported(said: Verdict): Verdict {
  return {
    ...said,
    kind: 'AMBIGUOUS',
    rule: UNSUPPORTED_RULE,
    code: 'probe_unsupported',
    message: 'The upstream lists no models, and the channel names none to call: set test_model',
    scope: 'key',
  };
}

const NO_BALANCE: Verdict = {
  kind: 'KEY_EXHAUSTED',
  rule: 'probe/no-balance',
  code: 'insufficient_balance',
  message: 'The account has no balance left',
  scope: 'key',
  minimumCoolMs: 0,
  fixedCoolMs: null,
  resetsAt: null,
};

function kindOf(subject: ProbeSubject, answer: OwnAnswer, said: Verdict, isJson: boolean): ProbeFacts['kind'] {
  if (subject !== 'chat') {
    const isPageForAll = isSuccess(answer) && !isJson;
    if (isPageForAll || UNKNOWN_PATH_STATUSES.includes(answer.status) || said.kind === 'REQUEST') return 'unknown';
  }
  // Not even a call is known: an upstream for embeddings alone, say.
  if (said.kind === 'CHANNEL' && UNKNOWN_PATH_STATUSES.includes(answer.status)) return 'unknown';
  // Whoever finds fault with the model or the rest of the request has let the key pass.
  return said.kind === 'REQUEST' || said.kind === 'KEY_MODEL' ? 'accepted' : 'refused';
}

interface Content {
  readonly isGood: boolean;
  readonly isAvailable: unknown;
}

// No error is as long as this, but a list of models may be.
const LONG: Content = { isGood: true, isAvailable: undefined };

/** Null for what is no JSON. */
function contentOf(answer: OwnAnswer): Content | null {
  if (!answer.isWhole) return answer.header('content-type').includes('json') ? LONG : null;
  const parsed = parse(answer.body);
  if (typeof parsed !== 'object' || parsed === null) return null;
  const { error, is_available: isAvailable } = parsed as { error?: unknown; is_available?: unknown };
  return { isGood: error === undefined || error === null, isAvailable };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function isSuccess({ status }: UpstreamAnswer): boolean {
  return status >= 200 && status < 300;
}
