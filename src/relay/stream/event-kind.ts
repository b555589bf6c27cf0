import { afterSpace, COLON, OPEN_BRACE, OPEN_BRACKET, QUOTE } from '../body/json-walk';

/** What an event means for its stream, told by its name or type; `failed` is an error and the end. */
export type EventKind = 'ping' | 'error' | 'done' | 'failed';

interface NamedKind {
  readonly name: Buffer;
  readonly kind: EventKind;
}

const KINDS: readonly NamedKind[] = [
  { name: Buffer.from('ping'), kind: 'ping' },
  { name: Buffer.from('error'), kind: 'error' },
  { name: Buffer.from('message_stop'), kind: 'done' },
  { name: Buffer.from('response.completed'), kind: 'done' },
  { name: Buffer.from('response.incomplete'), kind: 'done' },
  { name: Buffer.from('response.failed'), kind: 'failed' },
];
const LAST_DATA = Buffer.from('[DONE]');
const TYPE_KEY = Buffer.from('"type"');

/** Whether the bytes go on with these. */
export function isThere(bytes: Buffer, at: number, wanted: Buffer): boolean {
  // Byte by byte: for so few of them a native comparison costs several times as much.
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}

/** What an event of this name is; null for a plain one. */
export function kindOfName(bytes: Buffer, start: number, end: number): EventKind | null {
  for (const { name, kind } of KINDS) {
    if (name.length === end - start && isThere(bytes, start, name)) return kind;
  }
  return null;
}

/** The same told by the data: `[DONE]`, or an object that opens with its type. */
export function kindOfData(data: Buffer, start: number): EventKind | null {
  const first = afterSpace(data, start);
  if (data[first] === OPEN_BRACKET) return isThere(data, first, LAST_DATA) ? 'done' : null;
  if (data[first] !== OPEN_BRACE) return null;
  const key = afterSpace(data, first + 1);
  return isThere(data, key, TYPE_KEY) ? kindOfType(data, key + TYPE_KEY.length) : null;
}

function kindOfType(data: Buffer, afterKey: number): EventKind | null {
  const colon = afterSpace(data, afterKey);
  const quote = afterSpace(data, colon + 1);
  if (data[colon] !== COLON || data[quote] !== QUOTE) return null;
  for (const { name, kind } of KINDS) {
    if (data[quote + 1 + name.length] === QUOTE && isThere(data, quote + 1, name)) return kind;
  }
  return null;
}
