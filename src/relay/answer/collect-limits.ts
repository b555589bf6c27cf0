import { MOST_ERROR_BYTES } from './decoded-body';

/** How much of a refusal is read, and for how long. */
export interface CollectLimits {
  readonly mostBytes: number;
  readonly longestMs: number;
}

// The client gets all of it, so it may be long in coming.
const TO_PASS_ON: CollectLimits = { mostBytes: MOST_ERROR_BYTES, longestMs: 30_000 };
// Another attempt waits for it, and its beginning says enough.
const TO_JUDGE: CollectLimits = { mostBytes: 64 * 1024, longestMs: 2_000 };

/** Client errors that mostly speak of the key or the upstream. */
const NOT_THE_REQUESTS = new Set([401, 402, 403, 407, 408, 409, 425, 429, 451]);

export function collectLimits(status: number): CollectLimits {
  return status >= 400 && status < 500 && !NOT_THE_REQUESTS.has(status) ? TO_PASS_ON : TO_JUDGE;
}
