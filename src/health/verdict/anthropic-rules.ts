import type { VerdictRule } from './verdict-rule';

/** What Anthropic's errors mean; what is not here, the generic rules decide. */
export const ANTHROPIC_RULES: readonly VerdictRule[] = [
  {
    name: 'credit-used-up',
    statuses: [400],
    messagePrefixes: ['Your credit balance is too low'],
    kind: 'KEY_EXHAUSTED',
  },
  {
    name: 'usage-limit',
    statuses: [400],
    messagePrefixes: [
      'You have reached your specified API usage limits',
      'You have reached your specified workspace API usage limits',
    ],
    kind: 'KEY_EXHAUSTED',
    resetsAt: 'month-start-utc',
  },
  {
    name: 'organization-disabled',
    statuses: [400, 403],
    messagePrefixes: ['This organization has been disabled'],
    kind: 'KEY_DEAD',
  },
  { name: 'invalid-api-key', statuses: [401], names: ['authentication_error'], kind: 'KEY_DEAD' },
  { name: 'billing', statuses: [402], names: ['billing_error'], kind: 'KEY_EXHAUSTED' },
  {
    name: 'oauth-refused',
    statuses: [403],
    messagePrefixes: ['OAuth authentication is currently not allowed'],
    kind: 'KEY_DEAD',
  },
  { name: 'permission', statuses: [403], names: ['permission_error'], kind: 'KEY_MODEL' },
  { name: 'model-not-found', statuses: [404], names: ['not_found_error'], kind: 'KEY_MODEL' },
  {
    name: 'spend-limit',
    statuses: [429],
    names: ['enforced_spend_limit_reached'],
    kind: 'KEY_EXHAUSTED',
    resetsAt: 'month-start-utc',
  },
];
