import { vectorsOf } from './verdict-vector';

const error = (code: number, status: string, message: string, details: object[] = []): object => ({
  error: { code, message, status, details },
});

const errorInfo = (reason: string): object => ({
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason,
  domain: 'googleapis.com',
  metadata: { service: 'generativelanguage.googleapis.com' },
});

const quotaFailure = (...quotaIds: string[]): object => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: quotaIds.map((quotaId) => ({ quotaId, quotaDimensions: { model: 'gemini-2.5-pro' }, quotaValue: '5' })),
});

const RETRY_INFO = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '33s' };
const QUOTA_MESSAGE = 'You exceeded your current quota, please check your plan and billing details.';
const PER_MINUTE = 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier';
const PER_DAY = 'GenerateRequestsPerDayPerProjectPerModel-FreeTier';

export const GEMINI_VECTORS = vectorsOf('gemini', [
  {
    title: 'a key that is not valid',
    status: 400,
    body: error(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [
      errorInfo('API_KEY_INVALID'),
    ]),
    verdict: { kind: 'KEY_DEAD', rule: 'gemini/invalid-api-key', code: 'API_KEY_INVALID' },
  },
  {
    title: 'a key that has expired, in an array',
    status: 400,
    body: [error(400, 'INVALID_ARGUMENT', 'API key expired. Please renew the API key.')],
    verdict: { kind: 'KEY_DEAD', rule: 'gemini/invalid-api-key', code: 'INVALID_ARGUMENT' },
  },
  {
    title: 'a key that is not valid, inside a 200',
    status: 200,
    body: [error(400, 'INVALID_ARGUMENT', 'Bad key', [errorInfo('API_KEY_INVALID')])],
    verdict: { kind: 'KEY_DEAD', rule: 'gemini/invalid-api-key', code: 'API_KEY_INVALID' },
  },
  {
    title: 'any other invalid argument',
    status: 400,
    body: error(400, 'INVALID_ARGUMENT', 'Request contains an invalid argument.'),
    verdict: { kind: 'REQUEST', rule: 'generic/client-error', code: 'INVALID_ARGUMENT' },
  },
  ...[
    'User location is not supported for the API use.',
    'Gemini API free tier is not available in your country. Please enable billing.',
  ].map((message) => ({
    title: message,
    status: 400,
    body: error(400, 'FAILED_PRECONDITION', message),
    verdict: { kind: 'HOST', rule: 'gemini/unsupported-location', code: 'FAILED_PRECONDITION' } as const,
  })),
  {
    title: 'a file of the user that is not ready',
    status: 400,
    body: error(400, 'FAILED_PRECONDITION', 'The File abc is not in an ACTIVE state and usage is not allowed.'),
    verdict: { kind: 'REQUEST', rule: 'generic/client-error', code: 'FAILED_PRECONDITION' },
  },
  {
    title: 'no valid credentials',
    status: 401,
    body: error(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.'),
    verdict: { kind: 'KEY_DEAD', rule: 'gemini/unauthenticated', code: 'UNAUTHENTICATED' },
  },
  {
    title: 'nothing paid',
    status: 402,
    body: error(402, 'RESOURCE_EXHAUSTED', 'Payment required.'),
    verdict: { kind: 'KEY_EXHAUSTED', rule: 'generic/payment-required', code: 'RESOURCE_EXHAUSTED' },
  },
  ...[
    'Your API key was reported as leaked. Please use another API key.',
    "Consumer 'api_key:...' has been suspended.",
    "Permission denied: Consumer 'api_key:...' has been suspended.",
    'Your project has been denied access. Please contact support.',
  ].map((message) => ({
    title: message,
    status: 403,
    body: error(403, 'PERMISSION_DENIED', message),
    verdict: { kind: 'KEY_DEAD', rule: 'gemini/suspended', code: 'PERMISSION_DENIED' } as const,
  })),
  {
    title: 'a suspended consumer',
    status: 403,
    body: error(403, 'PERMISSION_DENIED', 'Permission denied.', [errorInfo('CONSUMER_SUSPENDED')]),
    verdict: { kind: 'KEY_DEAD', rule: 'gemini/suspended', code: 'CONSUMER_SUSPENDED' },
  },
  {
    title: 'a service that is not enabled',
    status: 403,
    body: error(403, 'PERMISSION_DENIED', 'Generative Language API has not been used in project 1 before.', [
      errorInfo('SERVICE_DISABLED'),
    ]),
    verdict: { kind: 'KEY_DEAD', rule: 'gemini/service-disabled', code: 'SERVICE_DISABLED' },
  },
  ...['API_KEY_IP_ADDRESS_BLOCKED', 'API_KEY_HTTP_REFERRER_BLOCKED', 'API_KEY_SERVICE_BLOCKED'].map((reason) => ({
    title: `a restriction of the key: ${reason}`,
    status: 403,
    body: error(403, 'PERMISSION_DENIED', 'The provided API key has a restriction.', [errorInfo(reason)]),
    verdict: { kind: 'HOST', rule: 'gemini/key-restriction', code: reason } as const,
  })),
  {
    title: 'a file of another project',
    status: 403,
    body: error(403, 'PERMISSION_DENIED', 'You do not have permission to access the File abc or it may not exist.'),
    verdict: { kind: 'REQUEST', rule: 'gemini/foreign-file', code: 'PERMISSION_DENIED' },
  },
  {
    title: 'an unknown model',
    status: 404,
    body: error(404, 'NOT_FOUND', 'models/gemini-9 is not found for API version v1beta.'),
    verdict: { kind: 'KEY_MODEL', rule: 'gemini/model-not-found', code: 'NOT_FOUND' },
  },
  {
    title: 'a limit per minute',
    status: 429,
    body: error(429, 'RESOURCE_EXHAUSTED', QUOTA_MESSAGE, [quotaFailure(PER_MINUTE), RETRY_INFO]),
    verdict: { kind: 'KEY_RATE', rule: 'generic/rate-limited', code: PER_MINUTE, scope: 'model' },
  },
  {
    title: 'a limit of the model per day beside one per minute',
    status: 429,
    body: error(429, 'RESOURCE_EXHAUSTED', QUOTA_MESSAGE, [quotaFailure(PER_MINUTE, PER_DAY), RETRY_INFO]),
    verdict: {
      kind: 'KEY_EXHAUSTED',
      rule: 'gemini/daily-quota-of-model',
      code: PER_DAY,
      scope: 'model',
      resetsAt: 'midnight-pacific',
    },
  },
  {
    title: 'a limit of the project per day',
    status: 429,
    body: error(429, 'RESOURCE_EXHAUSTED', QUOTA_MESSAGE, [quotaFailure('GenerateRequestsPerDayPerProject')]),
    verdict: {
      kind: 'KEY_EXHAUSTED',
      rule: 'gemini/daily-quota',
      code: 'GenerateRequestsPerDayPerProject',
      scope: 'key',
      resetsAt: 'midnight-pacific',
    },
  },
  {
    title: 'an exceeded quota without details',
    status: 429,
    body: { error: { message: QUOTA_MESSAGE, code: 'quota_exceeded' } },
    verdict: { kind: 'KEY_EXHAUSTED', rule: 'gemini/daily-quota', code: 'quota_exceeded' },
  },
  {
    title: 'a limit without details',
    status: 429,
    body: error(429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).'),
    verdict: { kind: 'KEY_RATE', rule: 'generic/rate-limited', code: 'RESOURCE_EXHAUSTED' },
  },
  ...(
    [
      [500, 'INTERNAL'],
      [503, 'UNAVAILABLE'],
      [504, 'DEADLINE_EXCEEDED'],
    ] as const
  ).map(([status, name]) => ({
    title: `a failure of its own: ${name}`,
    status,
    body: error(status, name, 'The model is overloaded. Please try again later.'),
    verdict: { kind: 'CHANNEL', rule: 'generic/server-error', code: name } as const,
  })),
]);
