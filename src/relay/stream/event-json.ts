import { openingOf } from '../../common/answer-opening';

type Fields = Readonly<Record<string, unknown>>;

const NO_FIELDS: Fields = {};
const NO_CHOICES = /"choices"\s*:\s*\[\s*\]/;

/** Whether an event is an error: its data has one at the top, or says in its first field that it is one. */
export function isError(data: Buffer): boolean {
  return openingOf(data, false) === 'error' || Boolean(fieldsOf(data.toString())['error']);
}

/** Whether an event is the one that `stream_options.include_usage` asks for: a usage, and no choices. */
export function isUsageChunk(data: Buffer): boolean {
  const text = data.toString();
  // Some upstreams state the usage in every chunk, and none of those is to be parsed.
  if (!NO_CHOICES.test(text)) return false;
  const { choices, usage, error } = fieldsOf(text);
  return Array.isArray(choices) && choices.length === 0 && typeof usage === 'object' && usage !== null && !error;
}

function fieldsOf(json: string): Fields {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Fields) : NO_FIELDS;
  } catch {
    return NO_FIELDS;
  }
}
