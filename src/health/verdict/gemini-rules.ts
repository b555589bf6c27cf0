import type { VerdictRule } from './verdict-rule';

/** What the errors of Google's Gemini API mean; what is not here, the generic rules decide. */
export const GEMINI_RULES: readonly VerdictRule[] = [
  {
    name: 'invalid-api-key',
    statuses: [400],
    names: ['API_KEY_INVALID'],
    messagePrefixes: ['API key not valid', 'API key not found', 'API key expired'],
    kind: 'KEY_DEAD',
  },
  // Not by FAILED_PRECONDITION alone: a user's file that is not ready yet has that too.
  {
    name: 'unsupported-location',
    statuses: [400],
    messagePrefixes: ['User location is not supported', 'Gemini API free tier is not available in your country'],
    kind: 'HOST',
  },
  { name: 'unauthenticated', statuses: [401], names: ['UNAUTHENTICATED'], kind: 'KEY_DEAD' },
  {
    name: 'suspended',
    statuses: [403],
    names: ['CONSUMER_SUSPENDED'],
    messagePrefixes: [
      'Your API key was reported as leaked',
      "Consumer 'api_key:",
      "Permission denied: Consumer 'api_key:",
      'Your project has been denied access',
    ],
    kind: 'KEY_DEAD',
  },
  { name: 'service-disabled', statuses: [403], names: ['SERVICE_DISABLED'], kind: 'KEY_DEAD' },
  {
    name: 'key-restriction',
    statuses: [403],
    names: [
      'API_KEY_IP_ADDRESS_BLOCKED',
      'API_KEY_HTTP_REFERRER_BLOCKED',
      'API_KEY_SERVICE_BLOCKED',
      'API_KEY_ANDROID_APP_BLOCKED',
      'API_KEY_IOS_APP_BLOCKED',
    ],
    kind: 'HOST',
  },
  // Google answers 403, too, when a request names a file or cache of another project.
  {
    name: 'foreign-file',
    statuses: [403],
    messagePrefixes: ['You do not have permission to access the File', 'CachedContent not found'],
    kind: 'REQUEST',
  },
  { name: 'model-not-found', statuses: [404], names: ['NOT_FOUND'], kind: 'KEY_MODEL' },
  // A minute's limit often stands beside the day's: the day's counts. The hour of the reset is provisional.
  {
    name: 'daily-quota-of-model',
    statuses: [429],
    nameParts: ['PerDayPerProjectPerModel', 'PerModelPerDay'],
    kind: 'KEY_EXHAUSTED',
    scope: 'model',
    resetsAt: 'midnight-pacific',
  },
  // `quota_exceeded` is provisional.
  {
    name: 'daily-quota',
    statuses: [429],
    names: ['quota_exceeded'],
    nameParts: ['PerDay'],
    kind: 'KEY_EXHAUSTED',
    resetsAt: 'midnight-pacific',
  },
];
