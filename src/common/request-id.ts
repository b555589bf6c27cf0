import { randomUUID } from 'node:crypto';

/** The header under which every answer names its request. */
export const REQUEST_ID_HEADER = 'x-request-id';

const SANE_ID = /^[\w.:-]{8,64}$/;

/** A fresh id for one request, unique across instances. */
export function newRequestId(): string {
  return randomUUID();
}

/** The id that a client gave its request, if it is 8 to 64 of letters, digits, `_`, `.`, `:` and `-`; else a fresh one. */
export function requestIdOf(given: string | string[] | undefined): string {
  return typeof given === 'string' && SANE_ID.test(given) ? given : newRequestId();
}
