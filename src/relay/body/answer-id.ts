import { afterSpace, NONE, OPEN_BRACE } from './json-walk';
import { type JsonField, listFields } from './top-level-fields';

const DATA_FIELD = Buffer.from('data:');
const LINE_FEED = 0x0a;
const CREATED = '"response.created"';
const ID = /^"([\w.-]{1,200})"$/;
/** The longest id with its quotes. */
const MOST_ID_BYTES = 202;

/**
 * The id of the object that an answer tells of, from the first bytes of the answer: the `id` of a JSON object, or that of
 * the response in a stream's `response.created`. Null when these bytes do not say, or the id is not fit for a path.
 */
export function answerId(head: Buffer, isEventStream: boolean): string | null {
  return isEventStream ? createdId(head) : idIn(head, 0);
}

function createdId(head: Buffer): string | null {
  for (let at = 0, end: number; at < head.length; at = end + 1) {
    const lineFeed = head.indexOf(LINE_FEED, at);
    end = lineFeed === -1 ? head.length : lineFeed;
    if (!head.subarray(at, at + DATA_FIELD.length).equals(DATA_FIELD)) continue;
    const data = head.subarray(at + DATA_FIELD.length, end);
    if (shortValue(data, 0, 'type') === CREATED) return idIn(data, fieldOf(data, 0, 'response')?.valueStart ?? NONE);
  }
  return null;
}

function idIn(json: Buffer, object: number): string | null {
  return ID.exec(shortValue(json, object, 'id') ?? '')?.[1] ?? null;
}

/** The JSON text of a field, at most one byte more of it than an id may have; null when it is not there or cut off. */
function shortValue(json: Buffer, object: number, key: string): string | null {
  const field = fieldOf(json, object, key);
  if (field === undefined || field.valueEnd === NONE) return null;
  return json.toString('latin1', field.valueStart, Math.min(field.valueEnd, field.valueStart + MOST_ID_BYTES + 1));
}

function fieldOf(json: Buffer, object: number, key: string): JsonField | undefined {
  if (json[afterSpace(json, object)] !== OPEN_BRACE) return undefined;
  return listFields(json, object).find((field) => field.key === key);
}
