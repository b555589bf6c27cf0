import { vectorsOf } from './verdict-vector';

const error = (message: string, type: string | null, code: string | null, param: string | null = null): object => ({
  error: { message, type, param, code },
});

export const OPENAI_VECTORS = vectorsOf('openai', [
  {
    title: 'a context that is too long',
    status: 400,
    body: error(
      "This model's maximum context length is 8192 tokens.",
      'invalid_request_error',
      'context_length_exceeded',
      'messages',
    ),
    verdict: { kind: 'REQUEST', rule: 'generic/client-error', code: 'context_length_exceeded' },
  },
  {
    title: 'a plain invalid request',
    status: 400,
    body: error('Invalid service_tier argument', 'invalid_request_error', null, 'service_tier'),
    verdict: { kind: 'REQUEST', rule: 'generic/client-error', code: 'invalid_request_error' },
  },
  {
    title: 'a content policy violation',
    status: 400,
    body: error('Your request was rejected.', 'invalid_request_error', 'content_policy_violation'),
    verdict: { kind: 'REQUEST', rule: 'generic/client-error', code: 'content_policy_violation' },
  },
  {
    title: 'an incorrect API key',
    status: 401,
    body: error('Incorrect API key provided: sk-...', 'invalid_request_error', 'invalid_api_key'),
    verdict: { kind: 'KEY_DEAD', rule: 'openai/invalid-api-key', code: 'invalid_api_key', scope: 'key' },
  },
  {
    title: 'an incorrect API key by its message alone',
    status: 401,
    body: error('incorrect API key provided: sk-...', null, null),
    verdict: { kind: 'KEY_DEAD', rule: 'openai/invalid-api-key', code: 'http_401' },
  },
  {
    title: 'a token of another issuer',
    status: 401,
    body: error('Your authentication token is not from a valid issuer.', 'invalid_request_error', 'invalid_issuer'),
    verdict: { kind: 'KEY_DEAD', rule: 'openai/invalid-api-key', code: 'invalid_issuer' },
  },
  {
    title: 'a deactivated account',
    status: 401,
    body: error('The OpenAI account has been deactivated.', 'invalid_request_error', 'account_deactivated'),
    verdict: { kind: 'KEY_DEAD', rule: 'openai/account-gone', code: 'account_deactivated' },
  },
  {
    title: 'no member of an organization',
    status: 401,
    body: error('You must be a member of an organization to use the API', 'invalid_request_error', null),
    verdict: { kind: 'KEY_DEAD', rule: 'openai/account-gone', code: 'invalid_request_error' },
  },
  {
    title: 'an address that is not on the allowlist',
    status: 401,
    body: error('Your IP is not authorized to use this project.', 'invalid_request_error', 'ip_not_authorized'),
    verdict: { kind: 'HOST', rule: 'openai/ip-not-authorized', code: 'ip_not_authorized' },
  },
  {
    title: 'missing scopes as 401',
    status: 401,
    body: error(
      'You have insufficient permissions for this operation. Missing scopes: model.request.',
      'invalid_request_error',
      null,
    ),
    verdict: { kind: 'KEY_MODEL', rule: 'openai/missing-scopes', code: 'invalid_request_error', scope: 'model' },
  },
  {
    title: 'missing scopes as 403',
    status: 403,
    body: error('Missing scopes: api.responses.write', 'invalid_request_error', 'missing_scope'),
    verdict: { kind: 'KEY_MODEL', rule: 'openai/missing-scopes', code: 'missing_scope' },
  },
  {
    title: 'an unsupported region',
    status: 403,
    body: error(
      'Country, region, or territory not supported',
      'request_forbidden',
      'unsupported_country_region_territory',
    ),
    verdict: { kind: 'HOST', rule: 'openai/unsupported-region', code: 'unsupported_country_region_territory' },
  },
  ...[403, 404].map((status) => ({
    title: `a model that this key may not use, as ${status}`,
    status,
    body: error('The model `gpt-9` does not exist or you do not have access to it.', null, 'model_not_found'),
    verdict: { kind: 'KEY_MODEL', rule: 'openai/model-not-found', code: 'model_not_found' } as const,
  })),
  {
    title: 'a conflict',
    status: 409,
    body: error('The resource is locked.', 'invalid_request_error', null),
    verdict: { kind: 'CHANNEL', rule: 'generic/timeout-or-conflict', code: 'invalid_request_error' },
  },
  {
    title: 'a timeout of its own',
    status: 408,
    body: error('Request timed out.', 'server_error', null),
    verdict: { kind: 'CHANNEL', rule: 'generic/timeout-or-conflict', code: 'server_error' },
  },
  ...[413, 415, 422].map((status) => ({
    title: `an unfit body as ${status}`,
    status,
    body: error('The body does not fit.', 'invalid_request_error', null),
    verdict: {
      kind: 'REQUEST',
      rule: status === 413 ? 'generic/oversized-request' : 'generic/client-error',
      code: 'invalid_request_error',
    } as const,
  })),
  ...['requests', 'tokens', 'rate_limit_error'].map((type) => ({
    title: `a rate limit of type ${type}`,
    status: 429,
    body: error('Rate limit reached for gpt-4o in organization org-1 on requests per min (RPM)', type, null),
    verdict: { kind: 'KEY_RATE', rule: 'openai/rate-limit', code: type, scope: 'model' } as const,
  })),
  {
    title: 'one request larger than a whole minute',
    status: 429,
    body: error(
      'Request too large for gpt-4o in organization org-1 on tokens per min (TPM): Limit 30000, Requested 45000.',
      'tokens',
      'rate_limit_exceeded',
    ),
    verdict: { kind: 'REQUEST', rule: 'openai/request-too-large', code: 'rate_limit_exceeded' },
  },
  ...[
    'credit_balance_exhausted',
    'organization_spend_limit_exceeded',
    'project_spend_limit_exceeded',
    'organization_usage_limit_exceeded',
    'insufficient_quota',
    'billing_hard_limit_reached',
    'billing_not_active',
  ].map((code) => ({
    title: `no money left: ${code}`,
    status: 429,
    body: error('You exceeded your current quota, please check your plan and billing details.', code, code),
    verdict: { kind: 'KEY_EXHAUSTED', rule: 'openai/quota-exhausted', code, scope: 'key' } as const,
  })),
  ...[429, 503].map((status) => ({
    title: `slow_down as ${status}`,
    status,
    body: error('Slow down', 'requests', 'slow_down'),
    verdict: { kind: 'CHANNEL', rule: 'openai/slow-down', code: 'slow_down', minimumCoolMs: 15_000 } as const,
  })),
  {
    title: 'slow down in the oldest shape',
    status: 429,
    body: { error: 'slow down' },
    verdict: { kind: 'CHANNEL', rule: 'openai/slow-down', code: 'http_429' },
  },
  {
    title: 'an overloaded server',
    status: 503,
    body: error('Our servers are busy.', 'service_unavailable_error', 'server_is_overloaded'),
    verdict: { kind: 'CHANNEL', rule: 'openai/overloaded', code: 'server_is_overloaded', minimumCoolMs: 10_000 },
  },
  {
    title: 'an overloaded engine by its message',
    status: 503,
    body: error('The engine is currently overloaded, please try again later', 'server_error', null),
    verdict: { kind: 'CHANNEL', rule: 'openai/overloaded', code: 'server_error' },
  },
  ...[500, 502, 504].map((status) => ({
    title: `a failure of its own as ${status}`,
    status,
    body: error('The server had an error while processing your request.', 'server_error', null),
    verdict: { kind: 'CHANNEL', rule: 'generic/server-error', code: 'server_error' } as const,
  })),
  {
    title: 'a 401 that says nothing known',
    status: 401,
    body: error('Invalid Authentication', 'invalid_request_error', null),
    verdict: { kind: 'AMBIGUOUS', rule: 'generic/unexplained-401', code: 'invalid_request_error' },
  },
  {
    title: 'a failed response in a stream',
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
    body: {
      type: 'response.failed',
      response: { id: 'resp_1', status: 'failed', error: { code: 'server_error', message: 'The model failed.' } },
    },
    verdict: { kind: 'CHANNEL', rule: 'generic/server-error', code: 'server_error', message: 'The model failed.' },
  },
  {
    title: 'an error event of the Responses API in a stream',
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
    body: { type: 'error', code: 'rate_limit_exceeded', message: 'Rate limit reached', param: null },
    verdict: { kind: 'KEY_RATE', rule: 'openai/rate-limit', code: 'rate_limit_exceeded' },
  },
]);
