import { isText } from '../common/field-rules';
import { entriesOf, HasNoProblem } from './field-problem.rule';

const MOST_ENTRIES = 64;
/** From here on JSON writes a number as a power of ten. */
const WRITTEN_AS_POWER = 1e21;
const MOST_BYTES = 65_536;
const DEEPEST = 16;
const LONGEST_NAME = 200;

const GUARDED: ReadonlyMap<string, string> = new Map([
  ['model', 'model_mapping says which model is asked for'],
  ['stream', 'the caller alone says whether the answer is streamed'],
]);

/** An object of top-level fields of a request's body: the JSON value to send, or null to send none. */
export function IsParamOverride(): PropertyDecorator {
  return HasNoProblem(problemWithParamOverride);
}

export function problemWithParamOverride(value: unknown): string | null {
  const entries = entriesOf(value);
  if (!entries || entries.length > MOST_ENTRIES) {
    return `must be an object of at most ${MOST_ENTRIES} fields, such as {"temperature": 0.2, "user": null}`;
  }
  if (Buffer.byteLength(JSON.stringify(value)) > MOST_BYTES) return 'must be at most 64 KiB of JSON';
  for (const [field, content] of entries) {
    const problem = problemWithParam(field, content);
    if (problem !== null) {
      return `has a field that cannot be set: ${JSON.stringify(field.slice(0, LONGEST_NAME))}, ${problem}`;
    }
  }
  return null;
}

function problemWithParam(field: string, content: unknown): string | null {
  if (!isText(field, 1, LONGEST_NAME)) return `whose name must be a text of 1 to ${LONGEST_NAME} characters`;
  return GUARDED.get(field) ?? problemWithValue(content, 1);
}

function problemWithValue(value: unknown, level: number): string | null {
  if (typeof value === 'string') return isText(value, 0, MOST_BYTES) ? null : 'which holds text that cannot be stored';
  // What JSON has no number for would be sent as null.
  if (typeof value === 'number') return isKept(value) ? null : 'which holds a number that would not stay what it is';
  return typeof value === 'object' && value !== null ? problemWithin(value, level) : null;
}

/** Integers that are written out in more digits than this are rounded as soon as they are read. */
function isKept(number: number): boolean {
  const size = Math.abs(number);
  return Number.isFinite(number) && (size <= Number.MAX_SAFE_INTEGER || size >= WRITTEN_AS_POWER);
}

function problemWithin(value: object, level: number): string | null {
  if (level > DEEPEST) return `which is nested more than ${DEEPEST} levels deep`;
  for (const [name, inner] of Object.entries(value)) {
    const problem = problemWithValue(name, level) ?? problemWithValue(inner, level + 1);
    if (problem !== null) return problem;
  }
  return null;
}
