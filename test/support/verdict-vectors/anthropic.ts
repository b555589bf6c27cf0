import { vectorsOf } from './verdict-vector';

const error = (type: string, message: string, details: object | null = null): object => ({
  type: 'error',
  error: { details, type, message },
  request_id: 'req_1',
});

export const ANTHROPIC_VECTORS = vectorsOf('anthropic', [
  {
    title: 'no credit left',
    status: 400,
    body: error('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'),
    verdict: { kind: 'KEY_EXHAUSTED', rule: 'anthropic/credit-used-up', code: 'invalid_request_error' },
  },
  ...['API usage limits', 'workspace API usage limits'].map((limits) => ({
    title: `reached ${limits}`,
    status: 400,
    body: error(
      'invalid_request_error',
      `You have reached your specified ${limits}. You will regain access on 2026-11-01 at 00:00 UTC.`,
    ),
    verdict: {
      kind: 'KEY_EXHAUSTED',
      rule: 'anthropic/usage-limit',
      code: 'invalid_request_error',
      resetsAt: 'month-start-utc',
    } as const,
  })),
  ...[400, 403].map((status) => ({
    title: `a disabled organization as ${status}`,
    status,
    body: error('invalid_request_error', 'This organization has been disabled.'),
    verdict: { kind: 'KEY_DEAD', rule: 'anthropic/organization-disabled', code: 'invalid_request_error' } as const,
  })),
  {
    title: 'any other 400',
    status: 400,
    body: error('invalid_request_error', 'messages: at least one message is required'),
    verdict: { kind: 'REQUEST', rule: 'generic/client-error', code: 'invalid_request_error' },
  },
  {
    title: 'an invalid key',
    status: 401,
    body: error('authentication_error', 'invalid x-api-key'),
    verdict: { kind: 'KEY_DEAD', rule: 'anthropic/invalid-api-key', code: 'authentication_error' },
  },
  {
    title: 'a billing problem',
    status: 402,
    body: error('billing_error', 'There is an issue with your billing.'),
    verdict: { kind: 'KEY_EXHAUSTED', rule: 'anthropic/billing', code: 'billing_error' },
  },
  {
    title: 'a missing permission',
    status: 403,
    body: error('permission_error', 'Your API key does not have permission to use the specified resource.'),
    verdict: { kind: 'KEY_MODEL', rule: 'anthropic/permission', code: 'permission_error' },
  },
  {
    title: 'OAuth that is not allowed',
    status: 403,
    body: error('permission_error', 'OAuth authentication is currently not allowed for this organization.'),
    verdict: { kind: 'KEY_DEAD', rule: 'anthropic/oauth-refused', code: 'permission_error' },
  },
  {
    title: 'an unknown model',
    status: 404,
    body: error('not_found_error', 'model: claude-9'),
    verdict: { kind: 'KEY_MODEL', rule: 'anthropic/model-not-found', code: 'not_found_error' },
  },
  {
    title: 'a conflict',
    status: 409,
    body: error('conflict_error', 'The resource is being changed.'),
    verdict: { kind: 'CHANNEL', rule: 'generic/timeout-or-conflict', code: 'conflict_error' },
  },
  {
    title: 'a request that is too large',
    status: 413,
    body: error('request_too_large', 'Request exceeds the maximum size'),
    verdict: { kind: 'REQUEST', rule: 'generic/oversized-request', code: 'request_too_large' },
  },
  {
    title: 'a request that is too large for the CDN',
    status: 413,
    headers: { 'content-type': 'text/html' },
    body: '<html><head><title>413 Request Entity Too Large</title></head></html>',
    verdict: { kind: 'REQUEST', rule: 'generic/oversized-request', code: 'http_413', message: '' },
  },
  {
    title: 'a rate limit',
    status: 429,
    headers: { 'retry-after': '20' },
    body: error('rate_limit_error', 'This request would exceed your rate limit of 50 requests per minute.'),
    verdict: { kind: 'KEY_RATE', rule: 'generic/rate-limited', code: 'rate_limit_error', scope: 'model' },
  },
  {
    title: 'a spend limit',
    status: 429,
    body: error('rate_limit_error', 'Spend limit reached.', { error_code: 'enforced_spend_limit_reached' }),
    verdict: {
      kind: 'KEY_EXHAUSTED',
      rule: 'anthropic/spend-limit',
      code: 'enforced_spend_limit_reached',
      resetsAt: 'month-start-utc',
    },
  },
  ...[500, 504].map((status) => ({
    title: `a failure of its own as ${status}`,
    status,
    body: error('api_error', 'Internal server error'),
    verdict: { kind: 'CHANNEL', rule: 'generic/server-error', code: 'api_error' } as const,
  })),
  {
    title: 'overload of all its customers',
    status: 529,
    body: error('overloaded_error', 'Overloaded'),
    verdict: { kind: 'CHANNEL', rule: 'generic/server-error', code: 'overloaded_error' },
  },
  {
    title: 'overload in a stream',
    status: 200,
    headers: { 'content-type': 'text/event-stream; charset=utf-8' },
    body: error('overloaded_error', 'Overloaded'),
    verdict: { kind: 'CHANNEL', rule: 'generic/server-error', code: 'overloaded_error' },
  },
]);
