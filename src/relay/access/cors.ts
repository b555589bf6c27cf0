import type { IncomingMessage, ServerResponse } from 'node:http';

// No cookies are involved: a token in a header is all that counts, so any page may ask that has one.
const FOR_BROWSERS: readonly string[] = ['access-control-allow-origin', '*', 'access-control-expose-headers', '*'];
const NONE: readonly string[] = [];

const METHODS = 'GET, HEAD, POST, DELETE, OPTIONS';
const DAY_S = 86_400;
const HEADER_NAMES = /^[\w!#$%&'*+.^`|~, -]{1,4096}$/;

/** The headers that let a page read our answer, where a page asks. */
export function corsHeaders(origin: string | undefined): readonly string[] {
  return origin === undefined ? NONE : FOR_BROWSERS;
}

/** Answers a browser's question beforehand: it may send whatever headers it wants to. */
export function answerPreflight(request: IncomingMessage, response: ServerResponse): void {
  const wanted = request.headers['access-control-request-headers'];
  const headers = [
    'access-control-allow-origin',
    '*',
    'access-control-allow-methods',
    METHODS,
    'access-control-max-age',
    String(DAY_S),
    'vary',
    'access-control-request-headers',
    'allow',
    METHODS,
  ];
  if (typeof wanted === 'string' && HEADER_NAMES.test(wanted)) headers.push('access-control-allow-headers', wanted);
  response.writeHead(204, headers);
  response.end();
}
