import { afterSpace, afterString, afterValue, COMMA, LOWER_N, NONE, valueAfterKey } from './json-walk';

/** One field of a JSON object: its key as it reads, and byte offsets from where its key's quote and its value begin. */
export interface JsonField {
  readonly key: string;
  readonly keyStart: number;
  readonly valueStart: number;
  /** The first byte after the value; NONE when the bytes end within it. */
  readonly valueEnd: number;
}

/**
 * The fields of the object at a position, in the order of the bytes and with every repetition. The object is part of a
 * body that `scanBody` has accepted, or the beginning of some JSON: the list ends where the bytes do.
 */
export function listFields(json: Buffer, start = 0): JsonField[] {
  const fields: JsonField[] = [];
  let at = afterSpace(json, start);
  do {
    const keyStart = afterSpace(json, at + 1);
    const valueStart = valueAfterKey(json, keyStart);
    if (valueStart === NONE) break;
    const valueEnd = afterValue(json, valueStart);
    fields.push({ key: keyAt(json, keyStart), keyStart, valueStart, valueEnd });
    at = afterSpace(json, valueEnd);
  } while (json[at] === COMMA);
  return fields;
}

/** The fields of an object by key; of a repeated one the last, as parsers have it. */
export function topLevelFields(json: Buffer): ReadonlyMap<string, JsonField> {
  return new Map(listFields(json).map((field) => [field.key, field]));
}

/** The bytes of a field's value, shared with the object; null when it has no such field, or `null` in it. */
export function valueOf(json: Buffer, fields: ReadonlyMap<string, JsonField>, key: string): Buffer | null {
  const field = fields.get(key);
  if (field === undefined || json[field.valueStart] === LOWER_N) return null;
  return json.subarray(field.valueStart, field.valueEnd);
}

function keyAt(json: Buffer, start: number): string {
  const text = json.toString('utf8', start + 1, afterString(json, start) - 1);
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
}
