/**
 * What an upstream's answer means. `REQUEST`: the request's own fault. `KEY_RATE`: this key is rate limited.
 * `KEY_EXHAUSTED`: its money or quota is used up. `KEY_DEAD`: it is invalid, revoked or suspended. `KEY_MODEL`: it may not
 * use this model. `CHANNEL`: the upstream is in trouble. `HOST`: the upstream refuses where we come from. `AMBIGUOUS`: the
 * key may be to blame; a probe decides.
 */
export const VERDICT_KINDS = [
  'REQUEST',
  'KEY_RATE',
  'KEY_EXHAUSTED',
  'KEY_DEAD',
  'KEY_MODEL',
  'CHANNEL',
  'HOST',
  'AMBIGUOUS',
] as const;

export type VerdictKind = (typeof VERDICT_KINDS)[number];
