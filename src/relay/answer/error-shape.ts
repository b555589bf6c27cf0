import type { Dialect } from '../../channels/dialect';
import type { Refusal } from './refusal';

/** The types that the Anthropic API has for statuses. */
const ANTHROPIC_TYPES: ReadonlyMap<number, string> = new Map([
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [503, 'overloaded_error'],
  [504, 'timeout_error'],
]);

/** The names that the Gemini API has for statuses. */
const GEMINI_STATUSES: ReadonlyMap<number, string> = new Map([
  [400, 'INVALID_ARGUMENT'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [413, 'INVALID_ARGUMENT'],
  [429, 'RESOURCE_EXHAUSTED'],
  [500, 'INTERNAL'],
  [503, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
]);

/** A refusal as the clients of an API read it. */
export function errorBody(refusal: Refusal, dialect: Dialect, requestId: string): string {
  return JSON.stringify(SHAPES[dialect](refusal, requestId));
}

const SHAPES: Readonly<Record<Dialect, (refusal: Refusal, requestId: string) => object>> = {
  openai: ({ message, type, param, code }) => ({ error: { message, type, param: param ?? null, code } }),
  anthropic: ({ status, message }, requestId) => ({
    type: 'error',
    error: { type: ANTHROPIC_TYPES.get(status) ?? (status < 500 ? 'invalid_request_error' : 'api_error'), message },
    request_id: requestId,
  }),
  gemini: ({ status, message, code }) => ({
    error: {
      code: status,
      message,
      status: GEMINI_STATUSES.get(status) ?? (status < 500 ? 'FAILED_PRECONDITION' : 'UNAVAILABLE'),
      details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: code, domain: 'keymux' }],
    },
  }),
};
