import type { VerdictRule } from './verdict-rule';

const STATUSES: ReadonlyMap<string, number> = new Map([
  ['invalid_request_error', 400],
  ['context_length_exceeded', 400],
  ['content_policy_violation', 400],
  ['content_filter', 400],
  ['INVALID_ARGUMENT', 400],
  ['FAILED_PRECONDITION', 400],
  ['PERMISSION_DENIED', 403],
  ['request_too_large', 413],
  ['RESOURCE_EXHAUSTED', 429],
  ['server_error', 500],
  ['api_error', 500],
  ['internal_error', 500],
  ['INTERNAL', 500],
  ['UNAVAILABLE', 503],
  ['timeout_error', 504],
  ['DEADLINE_EXCEEDED', 504],
  ['overloaded_error', 529],
]);

/** The status that an error inside a 2xx answer would have had as an answer of its own; null when its names tell none. */
export function statusInside(names: readonly string[], rules: readonly VerdictRule[]): number | null {
  const told = names.flatMap((name) => statusNamed(name, rules) ?? []);
  // OpenAI gives the type `invalid_request_error` to bad keys as well, so 400 is the weakest claim.
  return told.find((status) => status !== 400) ?? told[0] ?? null;
}

function statusNamed(name: string, rules: readonly VerdictRule[]): number | null {
  if (/^[45]\d\d$/.test(name)) return Number(name);
  return STATUSES.get(name) ?? rules.find((rule) => rule.names?.includes(name))?.statuses[0] ?? null;
}
