import type { VerdictOverride } from '../../channels/health-settings';
import type { ProviderType } from '../../channels/provider-type';
import { type ErrorEvidence, evidenceOf } from './error-evidence';
import { LAST_RESORT } from './generic-rules';
import { statusInside } from './inner-status';
import { RULE_BOOKS } from './rule-book';
import type { VerdictKind } from '../../channels/verdict-kinds';
import type { LimitScope, UpstreamAnswer, Verdict } from './verdict';
import { beginsWith, fits, signAmong, type VerdictRule } from './verdict-rule';

const LONGEST_CODE = 64;
const LONGEST_MESSAGE = 300;

// How far each kind reaches unless its rule says otherwise.
const SCOPES: Readonly<Record<VerdictKind, LimitScope>> = {
  REQUEST: 'key',
  KEY_RATE: 'model',
  KEY_EXHAUSTED: 'key',
  KEY_DEAD: 'key',
  KEY_MODEL: 'model',
  CHANNEL: 'channel',
  HOST: 'channel',
  AMBIGUOUS: 'key',
};

// These come from all upstreams at once when our own clock is wrong.
const CERTIFICATE_DATE_CODES = ['CERT_NOT_YET_VALID', 'CERT_HAS_EXPIRED'];

/**
 * Decides what an upstream's answer means: by the first override that fits, else by the provider's table and the generic
 * one. An error inside a 2xx answer counts as if it had the status it should have had. Pure; never throws.
 */
export function classify(
  provider: ProviderType,
  answer: UpstreamAnswer,
  overrides: readonly VerdictOverride[],
): Verdict {
  const evidence = evidenceOf(answer);
  return overridden(answer, evidence, overrides) ?? judged(provider, answer, evidence);
}

/** Decides what the code of a Node.js or undici error means, when no answer came: it is never the key's fault. */
export function classifyTransport(errorCode: string): Verdict {
  const code = cleanCode(errorCode.toLowerCase()) || 'transport_error';
  return CERTIFICATE_DATE_CODES.includes(errorCode)
    ? verdictOf({ name: 'transport/certificate-date', kind: 'HOST' }, code, '')
    : verdictOf({ name: 'transport/no-answer', kind: 'CHANNEL' }, code, '');
}

function overridden(
  answer: UpstreamAnswer,
  evidence: ErrorEvidence,
  overrides: readonly VerdictOverride[],
): Verdict | null {
  for (const [index, override] of overrides.entries()) {
    if (!overrideFits(override, answer, evidence)) continue;
    const code = tellingCode(evidence, override.code, answer.status);
    const decision = { name: `override/${index + 1}`, kind: override.verdict };
    const verdict = verdictOf(decision, code, evidence.message);
    return { ...verdict, fixedCoolMs: override.cool_seconds === undefined ? null : override.cool_seconds * 1000 };
  }
  return null;
}

function overrideFits(override: VerdictOverride, answer: UpstreamAnswer, { names, message }: ErrorEvidence): boolean {
  if (override.status !== answer.status) return false;
  if (override.code !== undefined && !names.includes(override.code)) return false;
  return override.message_prefix === undefined || beginsWith(message, override.message_prefix);
}

function judged(provider: ProviderType, answer: UpstreamAnswer, evidence: ErrorEvidence): Verdict {
  const { rules, byStatus } = RULE_BOOKS[provider];
  const isSuccess = answer.status >= 200 && answer.status < 300;
  const status = (isSuccess ? statusInside(evidence.names, rules) : null) ?? answer.status;
  const rule = byStatus.get(status)?.find((candidate) => fits(candidate, answer, evidence)) ?? LAST_RESORT;
  return verdictOf(rule, tellingCode(evidence, signAmong(evidence.names, rule), status), evidence.message);
}

type Decision = Pick<VerdictRule, 'name' | 'kind' | 'scope' | 'minimumCoolMs' | 'resetsAt'>;

function verdictOf(decision: Decision, code: string, message: string): Verdict {
  return {
    kind: decision.kind,
    rule: decision.name,
    code,
    message: cleanMessage(message),
    scope: decision.scope ?? SCOPES[decision.kind],
    minimumCoolMs: decision.minimumCoolMs ?? 0,
    fixedCoolMs: null,
    resetsAt: decision.resetsAt ?? null,
  };
}

/** The sign that decided, else the first name that is more than a number, else the status. */
function tellingCode({ names }: ErrorEvidence, sign: string | undefined, status: number): string {
  const words = names.filter((name) => !/^\d+$/.test(name));
  // DeepSeek gives this code to whatever is wrong, and OpenAI this type.
  const name = sign ?? words.find((word) => word !== 'invalid_request_error') ?? words[0] ?? '';
  return cleanCode(name) || `http_${status}`;
}

function cleanCode(name: string): string {
  return name
    .slice(0, LONGEST_CODE)
    .replace(/[^A-Za-z0-9_.:-]+/g, '_')
    .replace(/^_+|_+$/g, '');
}

function cleanMessage(message: string): string {
  // PostgreSQL takes neither NUL nor half of a surrogate pair.
  return message
    .slice(0, LONGEST_MESSAGE)
    .replace(/\p{Cc}+/gu, ' ')
    .toWellFormed()
    .trim();
}
