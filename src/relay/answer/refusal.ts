import type { Dialect } from '../../channels/dialect';
import type { BudgetDenial } from '../access/token-budgets';
import type { LimitDenial } from '../access/token-limiter';

/** An answer of ours, in the words of the OpenAI API. */
export interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  readonly message: string;
  readonly param?: string;
  /** What `x-should-retry` tells the client. */
  readonly shouldRetry?: boolean;
  readonly retryAfterS?: number;
  /** The methods that a path takes instead. */
  readonly allow?: string;
}

const INVALID_REQUEST = 'invalid_request_error';

const PATHS: Readonly<Record<Dialect, string>> = {
  openai: 'POST /v1/chat/completions',
  anthropic: 'POST /v1/messages',
  gemini: 'POST /v1beta/models/{model}:generateContent',
};

export const REFUSALS = {
  noToken: unauthorized('Send a token as `Authorization: Bearer sk-km-...`; POST /api/token issues one'),
  unknownToken: unauthorized('The token is not valid; POST /api/token issues one'),
  disabledToken: unauthorized('The token is disabled; an admin can enable it'),
  expiredToken: unauthorized('The token has expired; ask for a new one'),
  adminToken: unauthorized('This is the admin token: it opens /api only; /v1 needs a token from POST /api/token'),
  conflictingTokens: invalid(400, 'conflicting_credentials', 'The request carries different credentials; send one'),
  tokenInQuery: invalid(
    400,
    'token_in_url',
    'Send the token in the Authorization header: a `key` in the URL ends up in logs',
  ),
  notJson: invalid(400, 'invalid_json', 'The body is not valid JSON'),
  notAnObject: invalid(400, 'invalid_json', 'The body must be a JSON object'),
  tooDeep: invalid(400, 'invalid_json', 'The body is nested more than 64 levels deep'),
  duplicateField: invalid(400, 'invalid_json', 'The body names `model`, `stream` or `previous_response_id` twice'),
  fieldInCapitals: invalid(400, 'invalid_json', 'Spell `model` and `stream` in small letters'),
  otherModel: invalid(400, 'invalid_model', 'The body names another model than the path', 'model'),
  modelTooLong: invalid(400, 'invalid_model', '`model` must not be longer than 512 bytes', 'model'),
  notMultipart: invalid(400, 'invalid_form', 'The body must be whole and well-formed multipart/form-data'),
  modelNotAString: invalid(400, 'invalid_model', '`model` must be a string', 'model'),
  streamNotABoolean: invalid(400, 'invalid_stream', '`stream` must be true or false', 'stream'),
  modelMissing: invalid(400, 'model_required', 'The body must name a `model`', 'model'),
  modelIsPath: invalid(
    400,
    'invalid_model',
    '`model` must not have `.` or `..` between slashes, nor control characters',
    'model',
  ),
  encodedBody: invalid(415, 'unsupported_encoding', 'Send the body without Content-Encoding'),
  unknownObject: invalid(404, 'object_not_found', 'There is no such object, or this token did not create it'),
  unknownPrevious: invalid(
    400,
    'previous_response_not_found',
    'There is no such previous response, or this token did not create it; send the conversation instead',
    'previous_response_id',
  ),
  objectsAway: {
    ...upstreamRefusal(
      503,
      'objects_unavailable',
      'It is not known just now which key this object belongs to; try again',
    ),
    shouldRetry: true,
    retryAfterS: 5,
  },
  ownerAway: noAvailableKey('The key that made this object cannot serve now, and no other has it', 5),
  unreachable: upstreamRefusal(502, 'upstream_error', 'The upstream could not be reached'),
  brokenAnswer: upstreamRefusal(502, 'upstream_error', 'The upstream broke off within its answer'),
  timeout: upstreamRefusal(504, 'upstream_timeout', 'The upstream did not answer in time'),
  silentAnswer: upstreamRefusal(504, 'upstream_timeout', 'The upstream fell silent within its answer'),
  longAnswer: upstreamRefusal(504, 'upstream_timeout', 'The answer took longer than an answer may'),
  overloaded: {
    ...upstreamRefusal(503, 'overloaded', 'Keymux has more requests in hand than it can serve; try again shortly'),
    shouldRetry: true,
    retryAfterS: 1,
  },
  malformed: invalid(400, 'malformed_request', 'The request is not valid HTTP, or breaks off'),
  badHost: invalid(400, 'malformed_request', 'The request must carry one Host header'),
  tooSlow: {
    ...invalid(408, 'request_timeout', 'The request did not arrive in time; send it again'),
    shouldRetry: true,
  },
  headTooLarge: invalid(431, 'headers_too_large', 'The headers exceed 16 KiB or 200 lines; send fewer'),
  noProxy: {
    ...invalid(405, 'method_not_allowed', 'This is no proxy: send requests to their URL'),
    allow: 'GET, POST',
  },
  internal: upstreamRefusal(500, 'internal_error', 'Something went wrong here; the log names it by the request id'),
} as const satisfies Record<string, Refusal>;

export function bodyTooLarge(limitBytes: number): Refusal {
  return invalid(413, 'request_too_large', `The body is larger than ${limitBytes} bytes`);
}

export function unknownModel(model: string): Refusal {
  return invalid(
    404,
    'model_not_found',
    `The model ${shownModel(model)} does not exist or this token may not use it; GET /v1/models lists those it may`,
    'model',
  );
}

/** The model is there, but for clients of another API. */
export function servedElsewhere(model: string, dialects: readonly Dialect[]): Refusal {
  const paths = dialects.map((dialect) => PATHS[dialect]).join(' or ');
  return { ...unknownModel(model), message: `The model ${shownModel(model)} is not served here but at ${paths}` };
}

export function unknownPath(method: string, path: string): Refusal {
  return invalid(
    404,
    'unknown_url',
    `There is no ${method} ${path}; did you mean POST /v1/chat/completions? /docs lists what there is`,
  );
}

export function wrongMethod(method: string, path: string, right: readonly string[]): Refusal {
  const message = `${path} takes ${right.join(' or ')}, not ${method}`;
  return { ...invalid(405, 'method_not_allowed', message), allow: right.join(', ') };
}

/** A model's name as messages show it: quoted, and cut to length. */
export function shownModel(model: string): string {
  return JSON.stringify(model.slice(0, 200));
}

export function allKeysCooling(message: string, retryAfterS: number): Refusal {
  return { status: 429, type: 'rate_limit_error', code: 'all_keys_cooling', message, shouldRetry: true, retryAfterS };
}

export function tokenLimit({ exceeds, message, retryAfterS }: Omit<LimitDenial, 'headers'>): Refusal {
  const refusal = { message, shouldRetry: true, retryAfterS };
  return exceeds === 'rate'
    ? { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded', ...refusal }
    : { status: 429, type: 'rate_limit_error', code: 'concurrency_limit_exceeded', ...refusal };
}

/** What is spent for good is refused in the OpenAI API's own word on an account without credit, which clients do not repeat. */
export function budgetSpent({ message, isForNow }: BudgetDenial): Refusal {
  if (isForNow) return tokenLimit({ exceeds: 'concurrency', message, retryAfterS: 1 });
  return { status: 429, type: 'insufficient_quota', code: 'insufficient_quota', message, shouldRetry: false };
}

/** `retryAfterS` is null when waiting does not help. */
export function noAvailableKey(message: string, retryAfterS: number | null): Refusal {
  const refusal = upstreamRefusal(503, 'no_available_key', message);
  return retryAfterS === null ? refusal : { ...refusal, shouldRetry: true, retryAfterS };
}

/** The same refusal, to be tried once more by the client; at once unless it says when. */
export function comeAgain(refusal: Refusal): Refusal {
  return { retryAfterS: 1, ...refusal, shouldRetry: true };
}

export function upstreamAnswered(status: number): Refusal {
  const answer = status < 300 ? 'an error in place of an answer' : `status ${status}`;
  return upstreamRefusal(502, 'upstream_error', `The upstream answered with ${answer}`);
}

function unauthorized(message: string): Refusal {
  return { status: 401, type: INVALID_REQUEST, code: 'invalid_api_key', message, shouldRetry: false };
}

function invalid(status: number, code: string, message: string, param?: string): Refusal {
  return { status, type: INVALID_REQUEST, code, message, shouldRetry: false, ...(param !== undefined && { param }) };
}

/** We are the one retry loop: what we could not place after our attempts, a client should not send again at once. */
function upstreamRefusal(status: number, code: string, message: string): Refusal {
  return { status, type: 'api_error', code, message, shouldRetry: false };
}
