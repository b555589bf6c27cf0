import type { IncomingMessage } from 'node:http';
import { REFUSALS, type Refusal } from './relay/answer/refusal';

/** How many header lines a request may have. */
export const MOST_HEADERS = 200;

/** Why a request is refused by its head alone; finds what Node's parser lets pass. */
export function faultInHead({ httpVersion, headers, rawHeaders }: IncomingMessage): Refusal | null {
  if (rawHeaders.length > 2 * MOST_HEADERS) return REFUSALS.headTooLarge;
  const isCurrent = httpVersion === '1.1';
  if (!isCurrent && httpVersion !== '1.0') return REFUSALS.malformed;
  if (!isFramed(headers['transfer-encoding'], isCurrent)) return REFUSALS.malformed;
  const hosts = countHosts(rawHeaders);
  return hosts > 1 || (hosts === 0 && isCurrent) ? REFUSALS.badHost : null;
}

/** RFC 9112, 6.1: HTTP/1.0 knows no chunks, and a coding that we do not undo must not pass for the body. */
function isFramed(transferEncoding: string | undefined, isCurrent: boolean): boolean {
  return transferEncoding === undefined || (isCurrent && transferEncoding.toLowerCase() === 'chunked');
}

function countHosts(rawHeaders: readonly string[]): number {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts;
}
