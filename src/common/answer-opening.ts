/** Whether a 2xx answer's body turns out to be an error; `undecided` while too little of it is there. */
export type Opening = 'fine' | 'error' | 'undecided';

/** The content types of streams of events, and of pages, which are no answer of an API. */
export const EVENT_STREAM = /^text\/event-stream/i;
export const PAGE = /^(text\/html|application\/xhtml)/i;

const [TAB, LINE_FEED, CARRIAGE_RETURN, SPACE, BRACE] = [0x09, 0x0a, 0x0d, 0x20, 0x7b];

const ERROR_KEY = Buffer.from('"error"');
/** Keys whose value `"error"` says that the object is one. */
const KIND_KEYS = [Buffer.from('"object"'), Buffer.from('"type"')];
const ERROR_KIND = Buffer.from('"error"');
const NO_ERRORS = [Buffer.from('null'), Buffer.from('false')];
const COLON = Buffer.from(':');
const DATA_FIELD = Buffer.from('data:');
const ERROR_EVENT = /^event: ?error$/;
const LONGEST_ERROR_EVENT = 'event: error'.length;

/**
 * Looks at the first bytes of a body, from its very beginning. An error is a JSON object that opens with an error, or an
 * event stream whose first event is one. Once it has decided, more bytes change nothing.
 */
export function openingOf(bytes: Buffer, isEventStream: boolean): Opening {
  return isEventStream ? openingOfEvents(bytes) : openingOfJson(bytes);
}

function openingOfEvents(bytes: Buffer): Opening {
  for (let at = 0; at < bytes.length;) {
    // No field of an event stream: some upstreams send a bare error under the content type that was asked for.
    if (bytes[at] === BRACE) return openingOfJson(bytes.subarray(at));
    const end = lineEnd(bytes, at);
    const opening = openingOfLine(bytes.subarray(at, end === -1 ? bytes.length : end), end !== -1);
    if (opening !== 'undecided' || end === -1) return opening;
    at = end + 1;
  }
  return 'undecided';
}

/** `undecided` for a whole line that says nothing either way. */
function openingOfLine(line: Buffer, isWhole: boolean): Opening {
  if (find(line, 0, DATA_FIELD) === 'there') {
    const opening = openingOfJson(line.subarray(DATA_FIELD.length));
    return opening === 'undecided' && isWhole ? 'fine' : opening;
  }
  const isError = isWhole && line.length <= LONGEST_ERROR_EVENT && ERROR_EVENT.test(line.toString('latin1'));
  return isError ? 'error' : 'undecided';
}

function openingOfJson(bytes: Buffer): Opening {
  const start = pastBlanks(bytes, 0);
  if (start === bytes.length) return 'undecided';
  if (bytes[start] !== BRACE) return 'fine';
  const key = pastBlanks(bytes, start + 1);
  const errorKey = find(bytes, key, ERROR_KEY);
  if (errorKey !== 'absent') return ifThere(errorKey, () => openingOfError(bytes, key + ERROR_KEY.length));
  for (const name of KIND_KEYS) {
    const found = find(bytes, key, name);
    if (found !== 'absent') return ifThere(found, () => openingOfKind(bytes, key + name.length));
  }
  return 'fine';
}

/** `{"error": null}` and `{"error": false}` are how some upstreams say that all is well. */
function openingOfError(bytes: Buffer, afterKey: number): Opening {
  const value = valueStart(bytes, afterKey);
  if (typeof value === 'string') return value;
  if (value === bytes.length) return 'undecided';
  const found = NO_ERRORS.map((word) => find(bytes, value, word));
  if (found.includes('there')) return 'fine';
  return found.includes('cut') ? 'undecided' : 'error';
}

function openingOfKind(bytes: Buffer, afterKey: number): Opening {
  const value = valueStart(bytes, afterKey);
  if (typeof value === 'string') return value;
  const found = find(bytes, value, ERROR_KIND);
  return found === 'absent' ? 'fine' : ifThere(found, () => 'error');
}

/** Where the value of a key begins, or what is decided because it does not. */
function valueStart(bytes: Buffer, afterKey: number): number | Opening {
  const colon = pastBlanks(bytes, afterKey);
  const found = find(bytes, colon, COLON);
  if (found === 'there') return pastBlanks(bytes, colon + COLON.length);
  return found === 'cut' ? 'undecided' : 'fine';
}

function ifThere(found: 'there' | 'cut', next: () => Opening): Opening {
  return found === 'cut' ? 'undecided' : next();
}

/** Whether the bytes go on with these; `cut` when they end before that is known. */
function find(bytes: Buffer, at: number, wanted: Buffer): 'there' | 'cut' | 'absent' {
  // Byte by byte: for so few of them a native comparison costs several times as much.
  for (let i = 0; i < wanted.length; i++) {
    if (at + i >= bytes.length) return 'cut';
    if (bytes[at + i] !== wanted[i]) return 'absent';
  }
  return 'there';
}

function pastBlanks(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && isBlank(bytes[at])) at++;
  return at;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB;
}

/** The place of the line's end; -1 when it has not come. */
function lineEnd(bytes: Buffer, from: number): number {
  const lineFeed = bytes.indexOf(LINE_FEED, from);
  const line = lineFeed === -1 ? bytes.subarray(from) : bytes.subarray(from, lineFeed);
  const carriageReturn = line.indexOf(CARRIAGE_RETURN);
  return carriageReturn === -1 ? lineFeed : from + carriageReturn;
}
