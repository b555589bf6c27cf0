import type { ServerResponse } from 'node:http';
import { REQUEST_ID_HEADER } from '../../common/request-id';

/** An answer of ours in the OpenAI error shape. */
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
  duplicateField: invalid(400, 'invalid_json', 'The body names `model` or `stream` twice'),
  modelNotAString: invalid(400, 'invalid_model', '`model` must be a string', 'model'),
  streamNotABoolean: invalid(400, 'invalid_stream', '`stream` must be true or false', 'stream'),
  modelMissing: invalid(400, 'model_required', 'The body must name a `model`', 'model'),
  encodedBody: invalid(415, 'unsupported_encoding', 'Send the body without Content-Encoding'),
  unreachable: upstreamRefusal(502, 'upstream_error', 'The upstream could not be reached'),
  timeout: upstreamRefusal(504, 'upstream_timeout', 'The upstream did not answer in time'),
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

export function unknownPath(method: string, path: string): Refusal {
  return invalid(
    404,
    'unknown_url',
    `There is no ${method} ${path}; did you mean POST /v1/chat/completions? /docs lists what there is`,
  );
}

export function wrongMethod(method: string, path: string, right: string): Refusal {
  return { ...invalid(405, 'method_not_allowed', `${path} takes ${right}, not ${method}`), allow: right };
}

/** A model's name as messages show it: quoted, and cut to length. */
export function shownModel(model: string): string {
  return JSON.stringify(model.slice(0, 200));
}

export function allKeysCooling(message: string, retryAfterS: number): Refusal {
  return { status: 429, type: 'rate_limit_error', code: 'all_keys_cooling', message, shouldRetry: true, retryAfterS };
}

/** `retryAfterS` is null when waiting does not help. */
export function noAvailableKey(message: string, retryAfterS: number | null): Refusal {
  const refusal = upstreamRefusal(503, 'no_available_key', message);
  return retryAfterS === null ? refusal : { ...refusal, shouldRetry: true, retryAfterS };
}

export function upstreamAnswered(status: number): Refusal {
  const answer = status < 300 ? 'an error in place of an answer' : `status ${status}`;
  return upstreamRefusal(502, 'upstream_error', `The upstream answered with ${answer}`);
}

/** Answers with a refusal, if the answer has not begun. */
export function refuse(
  response: ServerResponse,
  requestId: string,
  refusal: Refusal,
  extraHeaders: readonly string[] = [],
): void {
  if (response.headersSent || response.destroyed) return;
  writeRefusal(response, requestId, refusal, extraHeaders);
  response.end();
}

/** Writes the whole refusal and leaves it to the caller to end the answer. */
export function writeRefusal(
  response: ServerResponse,
  requestId: string,
  refusal: Refusal,
  extraHeaders: readonly string[] = [],
): void {
  const body = Buffer.from(errorBody(refusal));
  const headers = [
    REQUEST_ID_HEADER,
    requestId,
    'content-type',
    'application/json',
    'content-length',
    String(body.length),
    ...extraHeaders,
  ];
  if (refusal.shouldRetry !== undefined) headers.push('x-should-retry', String(refusal.shouldRetry));
  if (refusal.retryAfterS !== undefined) headers.push('retry-after', String(refusal.retryAfterS));
  if (refusal.allow !== undefined) headers.push('allow', refusal.allow);
  response.writeHead(refusal.status, headers);
  response.write(body);
}

export function errorBody({ message, type, param, code }: Refusal): string {
  return JSON.stringify({ error: { message, type, param: param ?? null, code } });
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
