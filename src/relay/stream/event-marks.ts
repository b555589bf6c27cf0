import { afterSpace, COLON, LOWER_F, LOWER_N, NONE, OPEN_BRACE } from '../body/json-walk';
import { isThere } from './event-kind';

/** Bits that say what an event may hold. */
export const NO_MARKS = 0;
export const USAGE_MARK = 1;
export const ERROR_MARK = 2;

const USAGE = Buffer.from('"usage"');
const USAGE_METADATA = Buffer.from('"usageMetadata"');
const ERROR = Buffer.from('"error"');

/** How many bytes are looked at together: the length of the shortest mark. */
const WINDOW_BYTES = 7;
const MARKS = [USAGE, USAGE_METADATA, ERROR];

/** By the last byte of a window: how far on the next window can be that may be the beginning of a mark. */
const STEPS = new Uint8Array(256).fill(WINDOW_BYTES);
/** The last bytes of the windows that may be one. */
const IS_LAST = new Uint8Array(256);
for (const mark of MARKS) {
  for (let i = 0; i < WINDOW_BYTES - 1; i++) {
    const byte = mark[i] ?? 0;
    STEPS[byte] = Math.min(STEPS[byte] ?? 0, WINDOW_BYTES - 1 - i);
  }
  IS_LAST[mark[WINDOW_BYTES - 1] ?? 0] = 1;
}

/**
 * Which marks are within this JSON: a usage that is an object, an error that is neither null nor false. Wrong in neither
 * direction for a usage of any depth; an error may also be a mere word.
 */
export function marksIn(json: Buffer, start: number, end: number): number {
  let marks = NO_MARKS;
  for (let last = start + WINDOW_BYTES - 1; last < end; last += STEPS[json[last] ?? 0] ?? WINDOW_BYTES) {
    if (IS_LAST[json[last] ?? 0] === 1) marks |= markAt(json, last - WINDOW_BYTES + 1);
  }
  return marks;
}

/** Where the object begins that is the value of the key at a position, `"usage"` or `"usageMetadata"`; `NONE` when there is none. */
export function usageObjectAt(json: Buffer, key: number): number {
  const name = isThere(json, key, USAGE) ? USAGE : USAGE_METADATA;
  const value = isThere(json, key, name) ? valueStart(json, key + name.length) : NONE;
  return json[value] === OPEN_BRACE ? value : NONE;
}

function markAt(json: Buffer, at: number): number {
  if (isThere(json, at, ERROR)) return isFine(json[valueStart(json, at + ERROR.length)]) ? NO_MARKS : ERROR_MARK;
  return usageObjectAt(json, at) === NONE ? NO_MARKS : USAGE_MARK;
}

function isFine(firstOfValue: number | undefined): boolean {
  return firstOfValue === LOWER_N || firstOfValue === LOWER_F;
}

/** Where the value of a key begins; `NONE` when what stands there is no key. */
function valueStart(json: Buffer, afterKey: number): number {
  const colon = afterSpace(json, afterKey);
  return json[colon] === COLON ? afterSpace(json, colon + 1) : NONE;
}
