import type { VerdictRule } from './verdict-rule';

/** What OpenAI's errors mean; what is not here, the generic rules decide. */
export const OPENAI_RULES: readonly VerdictRule[] = [
  {
    name: 'ip-not-authorized',
    statuses: [401, 403],
    names: ['ip_not_authorized'],
    messagePrefixes: ['IP not authorized', 'Your IP is not authorized'],
    kind: 'HOST',
  },
  {
    name: 'missing-scopes',
    statuses: [401, 403],
    names: ['insufficient_permissions', 'missing_scope'],
    messagePrefixes: ['You have insufficient permissions for this operation', 'Missing scopes'],
    kind: 'KEY_MODEL',
  },
  {
    name: 'invalid-api-key',
    statuses: [401],
    names: ['invalid_api_key', 'invalid_issuer'],
    messagePrefixes: ['Incorrect API key provided', 'Your authentication token is not from a valid issuer'],
    kind: 'KEY_DEAD',
  },
  {
    name: 'account-gone',
    statuses: [401],
    names: ['account_deactivated', 'organization_membership_required'],
    messagePrefixes: ['You must be a member of an organization'],
    kind: 'KEY_DEAD',
  },
  {
    name: 'unsupported-region',
    statuses: [403],
    names: ['unsupported_country_region_territory'],
    messagePrefixes: ['Country, region, or territory not supported'],
    kind: 'HOST',
  },
  // 403 when the key's project may not use the model.
  { name: 'model-not-found', statuses: [404, 403], names: ['model_not_found'], kind: 'KEY_MODEL' },
  // One request larger than a whole minute's tokens has the code of a rate limit, but no key would do.
  { name: 'request-too-large', statuses: [429], messagePrefixes: ['Request too large for'], kind: 'REQUEST' },
  {
    name: 'quota-exhausted',
    statuses: [429],
    names: [
      'credit_balance_exhausted',
      'organization_spend_limit_exceeded',
      'project_spend_limit_exceeded',
      'organization_usage_limit_exceeded',
      'insufficient_quota',
      'billing_hard_limit_reached',
      'billing_not_active',
    ],
    kind: 'KEY_EXHAUSTED',
  },
  // Provisional: the body has not been seen whole.
  {
    name: 'slow-down',
    statuses: [429, 503],
    names: ['slow_down'],
    messagePrefixes: ['Slow down'],
    kind: 'CHANNEL',
    minimumCoolMs: 15_000,
  },
  {
    name: 'rate-limit',
    statuses: [429],
    names: ['rate_limit_exceeded', 'rate_limit_error', 'requests', 'tokens'],
    kind: 'KEY_RATE',
  },
  {
    name: 'overloaded',
    statuses: [503],
    names: ['server_is_overloaded', 'overloaded_error'],
    messagePrefixes: [
      'The server is overloaded',
      'The server is currently overloaded',
      'The engine is currently overloaded',
      'That model is currently overloaded',
    ],
    kind: 'CHANNEL',
    minimumCoolMs: 10_000,
  },
];
