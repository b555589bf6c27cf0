import type { BodyForm, ErrorEvidence } from './error-evidence';
import type { VerdictKind } from '../../channels/verdict-kinds';
import type { LimitScope, ResetMoment, UpstreamAnswer } from './verdict';

/**
 * One row of a table of verdicts. It fits an answer that has one of its statuses, one of its forms, one of its headers and
 * one of its signs, as far as it asks for any; the first row that fits decides.
 */
export interface VerdictRule {
  readonly name: string;
  readonly statuses: readonly number[];
  /** Left out: JSON alone, because nothing else is evidence about a key. */
  readonly forms?: readonly BodyForm[];
  readonly headers?: readonly string[];
  /** Signs: the answer states exactly one of these as a code, reason, quota id, status or type. */
  readonly names?: readonly string[];
  /** Signs: one of the answer's names contains one of these. */
  readonly nameParts?: readonly string[];
  /** Signs: the error's message begins with one of these, in whatever case. Further in, the words may be the user's. */
  readonly messagePrefixes?: readonly string[];
  readonly kind: VerdictKind;
  readonly scope?: LimitScope;
  readonly minimumCoolMs?: number;
  readonly resetsAt?: ResetMoment;
}

export const ALL_FORMS: readonly BodyForm[] = ['json', 'html', 'text', 'empty'];

/** All statuses from `first` to `last`. */
export function statuses(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Whether a rule of the right status fits. */
export function fits(rule: VerdictRule, answer: UpstreamAnswer, evidence: ErrorEvidence): boolean {
  if (!(rule.forms ?? ['json']).includes(evidence.form)) return false;
  if (rule.headers && !rule.headers.some((name) => answer.header(name) !== '')) return false;
  return showsSign(rule, evidence);
}

/** The stated name that is one of the rule's signs. */
export function signAmong(stated: readonly string[], { names, nameParts }: VerdictRule): string | undefined {
  return (
    stated.find((name) => names?.includes(name) ?? false) ??
    stated.find((name) => nameParts?.some((part) => name.includes(part)))
  );
}

/** Whether a message starts with these words, in whatever case. */
export function beginsWith(message: string, prefix: string): boolean {
  return message.slice(0, prefix.length).toLowerCase() === prefix.toLowerCase();
}

function showsSign(rule: VerdictRule, { names, message }: ErrorEvidence): boolean {
  if (!rule.names && !rule.nameParts && !rule.messagePrefixes) return true;
  if (signAmong(names, rule) !== undefined) return true;
  return rule.messagePrefixes?.some((prefix) => beginsWith(message, prefix)) ?? false;
}
