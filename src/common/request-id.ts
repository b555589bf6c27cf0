import { randomUUID } from 'node:crypto';

/** The header under which every answer names its request. */
export const REQUEST_ID_HEADER = 'x-request-id';

/** A fresh id for one request, unique across instances. */
export function newRequestId(): string {
  return randomUUID();
}
