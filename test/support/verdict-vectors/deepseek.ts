import { vectorsOf } from './verdict-vector';

const error = (message: string, type: string): object => ({
  error: { message, type, param: null, code: 'invalid_request_error' },
});

export const DEEPSEEK_VECTORS = vectorsOf('deepseek', [
  ...[400, 422].map((status) => ({
    title: `an unfit request as ${status}`,
    status,
    body: error('Failed to deserialize the JSON body', 'invalid_request_error'),
    verdict: { kind: 'REQUEST', rule: 'generic/client-error', code: 'invalid_request_error' } as const,
  })),
  {
    title: 'a bad key',
    status: 401,
    body: error('Authentication Fails, Your api key: ****abcd is invalid', 'authentication_error'),
    verdict: { kind: 'KEY_DEAD', rule: 'deepseek/invalid-api-key', code: 'authentication_error' },
  },
  {
    title: 'a bad key inside a 200',
    status: 200,
    body: error('Authentication Fails (no such user)', 'authentication_error'),
    verdict: { kind: 'KEY_DEAD', rule: 'deepseek/invalid-api-key', code: 'authentication_error' },
  },
  {
    title: 'no balance left',
    status: 402,
    body: error('Insufficient Balance', 'unknown_error'),
    verdict: { kind: 'KEY_EXHAUSTED', rule: 'deepseek/balance-used-up', code: 'unknown_error' },
  },
  {
    title: 'too fast',
    status: 429,
    body: error('Rate limit reached', 'rate_limit_error'),
    verdict: { kind: 'KEY_RATE', rule: 'generic/rate-limited', code: 'rate_limit_error' },
  },
  ...[500, 503].map((status) => ({
    title: `a failure of its own as ${status}`,
    status,
    body: error('Server overloaded', 'service_unavailable_error'),
    verdict: { kind: 'CHANNEL', rule: 'generic/server-error', code: 'service_unavailable_error' } as const,
  })),
]);
