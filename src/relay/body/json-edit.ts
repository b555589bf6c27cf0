import { afterSpace } from './json-walk';
import { type JsonField, listFields } from './top-level-fields';

/** A range of the body and what stands there instead. */
interface Cut {
  readonly from: number;
  readonly to: number;
  readonly by: Buffer;
}

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Sets top-level fields to a JSON text, or removes those set to null; the body is one that `scanBody` has accepted. Every
 * other byte stays, a new field comes first, and of a repeated field that is set only the last is left. The body itself
 * comes back when nothing changes.
 */
export function editFields(body: Buffer, edits: ReadonlyMap<string, string | null>): Buffer {
  const fields = listFields(body);
  const last = new Map(fields.map((field) => [field.key, field]));
  const stays = fields.map((field) => {
    const edit = edits.get(field.key);
    return edit === undefined || (edit !== null && last.get(field.key) === field);
  });
  const firstLeft = stays.indexOf(true);
  const cuts = fields.flatMap((field, index) => {
    if (stays[index] === true) return replacement(body, field, edits.get(field.key) ?? null);
    // The comma that goes is the one before, or the one after where nothing is left before.
    const before = firstLeft >= 0 && firstLeft < index ? fields[index - 1] : undefined;
    if (before !== undefined) return [{ from: before.valueEnd, to: field.valueEnd, by: NOTHING }];
    return [{ from: field.keyStart, to: fields[index + 1]?.keyStart ?? field.valueEnd, by: NOTHING }];
  });
  const added = [...edits].filter(([key, value]) => value !== null && !last.has(key));
  if (added.length > 0) cuts.unshift(insertion(body, added, firstLeft >= 0));
  return cuts.length === 0 ? body : spliced(body, cuts);
}

function replacement(body: Buffer, { valueStart, valueEnd }: JsonField, value: string | null): Cut[] {
  if (value === null) return [];
  const by = Buffer.from(value);
  return by.equals(body.subarray(valueStart, valueEnd)) ? [] : [{ from: valueStart, to: valueEnd, by }];
}

function insertion(body: Buffer, added: readonly (readonly [string, string | null])[], hasMore: boolean): Cut {
  const text = added.map(([key, value]) => `${JSON.stringify(key)}:${value ?? ''}`).join(',');
  const inside = afterSpace(body, 0) + 1;
  return { from: inside, to: inside, by: Buffer.from(hasMore ? `${text},` : text) };
}

function spliced(body: Buffer, cuts: readonly Cut[]): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const { from, to, by } of cuts) {
    pieces.push(body.subarray(at, from), by);
    at = to;
  }
  pieces.push(body.subarray(at));
  return Buffer.concat(pieces);
}
