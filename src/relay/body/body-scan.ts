import { isUtf8 } from 'node:buffer';

export const MAX_JSON_DEPTH = 64;

/** What the relay reads of a JSON body; the range is the model's JSON string with its quotes, 0 and 0 when there is none. */
export interface ScannedBody {
  readonly model: string | null;
  readonly modelStart: number;
  readonly modelEnd: number;
  readonly stream: boolean;
}

export type BodyFault =
  'not-json' | 'not-an-object' | 'too-deep' | 'duplicate-field' | 'model-not-a-string' | 'stream-not-a-boolean';

type Field = 'model' | 'stream';

const [TAB, LINE_FEED, CARRIAGE_RETURN, SPACE] = [0x09, 0x0a, 0x0d, 0x20] as const;
const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a] as const;
const [OPEN_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x7b, 0x7d] as const;
const [PLUS, MINUS, POINT, ZERO, NINE] = [0x2b, 0x2d, 0x2e, 0x30, 0x39] as const;
const [UPPER_E, LOWER_E, LOWER_F, LOWER_N, LOWER_T, LOWER_U] = [0x45, 0x65, 0x66, 0x6e, 0x74, 0x75] as const;

/** From an opening bracket of either kind to its closing one. */
const TO_CLOSER = 2;
/** Turns A-Z into a-z and makes no other byte a letter. */
const LOWER_CASE_BIT = 0x20;
/** Up to here a byte loop beats the call into the native search. */
const SHORT_STRING_BYTES = 16;
const UNICODE_ESCAPE_BYTES = 6;
/** The position and the byte that are not there; a step that breaks the grammar leads here, and so does every later one. */
const NONE = -1;

const NO_BYTES: Buffer = Buffer.alloc(0);
const NO_FIELDS = { model: null as string | null, modelStart: 0, modelEnd: 0, stream: false };
const SHORT_ESCAPES = [...Buffer.from('"\\/bfnrt')];
const HEX_VALUES = new Int8Array(256).fill(-1);
for (const digit of '0123456789abcdefABCDEF') HEX_VALUES[digit.charCodeAt(0)] = Number.parseInt(digit, 16);

function isSpace(byte: number): boolean {
  return byte <= SPACE && (byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB);
}

function afterSpace(body: Buffer, start: number): number {
  let at = start;
  while (isSpace(body[at] ?? NONE)) at++;
  return at;
}

function afterWord(body: Buffer, start: number, word: string): number {
  for (let index = 0; index < word.length; index++) {
    if (body[start + index] !== word.charCodeAt(index)) return NONE;
  }
  return start + word.length;
}

function afterDigits(body: Buffer, start: number): number {
  let at = start;
  for (let byte = body[at]; byte !== undefined && byte >= ZERO && byte <= NINE; byte = body[at]) at++;
  return at > start ? at : NONE;
}

function afterNumber(body: Buffer, start: number): number {
  let at = body[start] === MINUS ? start + 1 : start;
  at = body[at] === ZERO ? at + 1 : afterDigits(body, at);
  if (body[at] === POINT) at = afterDigits(body, at + 1);
  if (body[at] !== LOWER_E && body[at] !== UPPER_E) return at;
  const sign = body[++at];
  return afterDigits(body, sign === PLUS || sign === MINUS ? at + 1 : at);
}

function isEscaped(body: Buffer, from: number, quote: number): boolean {
  let at = quote;
  while (at > from && body[at - 1] === BACKSLASH) at--;
  return (quote - at) % 2 === 1;
}

/** Leaves the inside of a string for the upstream to judge; the end of a long one is found by a native search. */
function afterString(body: Buffer, start: number): number {
  let at = start + 1;
  for (;;) {
    for (const limit = Math.min(at + SHORT_STRING_BYTES, body.length); at < limit; at++) {
      const byte = body[at];
      if (byte === QUOTE) return at + 1;
      if (byte === BACKSLASH) at++;
    }
    const quote = body.indexOf(QUOTE, at);
    if (quote < 0) return NONE;
    if (!isEscaped(body, at, quote)) return quote + 1;
    at = quote + 1;
  }
}

function afterScalar(body: Buffer, start: number): number {
  if (body[start] === QUOTE) return afterString(body, start);
  if (body[start] === LOWER_T) return afterWord(body, start, 'true');
  if (body[start] === LOWER_F) return afterWord(body, start, 'false');
  return body[start] === LOWER_N ? afterWord(body, start, 'null') : afterNumber(body, start);
}

/** The code unit of a \u escape; negative for any other escape. */
function unicodeEscape(body: Buffer, start: number): number {
  let code = body[start + 1] === LOWER_U ? 0 : NONE;
  for (let at = start + 2; at < start + UNICODE_ESCAPE_BYTES; at++)
    code = (code << 4) | (HEX_VALUES[body[at] ?? 0] ?? NONE);
  return code;
}

/** The length of the escape at a position, 0 when it is malformed. */
function escapeBytes(body: Buffer, at: number): number {
  if (unicodeEscape(body, at) >= 0) return UNICODE_ESCAPE_BYTES;
  return SHORT_ESCAPES.includes(body[at + 1] ?? NONE) ? 2 : 0;
}

/** Keys are strict where other strings are not: the relay itself has to tell what they say. */
function afterKey(body: Buffer, start: number): number {
  if (body[start] !== QUOTE) return NONE;
  for (let at = start + 1; at < body.length; at++) {
    const byte = body[at] ?? 0;
    if (byte === QUOTE) return at + 1;
    const bytes = byte === BACKSLASH ? escapeBytes(body, at) : 1;
    if (byte < SPACE || bytes === 0) return NONE;
    at += bytes - 1;
  }
  return NONE;
}

/** Whether the well-formed key at a position reads as this field; of all escapes only \u can stand for a letter. */
function spells(body: Buffer, start: number, field: Field, caseBit: number): boolean {
  let at = start + 1;
  for (let index = 0; index < field.length; index++) {
    const isEscape = body[at] === BACKSLASH;
    const code = isEscape ? unicodeEscape(body, at) : (body[at] ?? 0);
    if ((code | caseBit) !== field.charCodeAt(index)) return false;
    at += isEscape ? UNICODE_ESCAPE_BYTES : 1;
  }
  return body[at] === QUOTE;
}

/** The text of a JSON string with its quotes; null when it is not valid. */
function textOf(json: Buffer): string | null {
  if (!isUtf8(json)) return null;
  try {
    return JSON.parse(json.toString()) as string;
  } catch {
    return null;
  }
}

/** Walks one JSON document without recursion, so that deep input cannot overflow, and notes the two fields on its way. */
class BodyScanner {
  private body = NO_BYTES;
  private at = 0;
  private depth = 0;
  private readonly closers = new Uint8Array(MAX_JSON_DEPTH + 2);
  private found = { ...NO_FIELDS };
  private readonly seen = { model: false, stream: false };
  private refusal: BodyFault | null = null;

  public scan(body: Buffer): ScannedBody | BodyFault {
    this.body = body;
    this.at = afterSpace(body, 0);
    this.depth = 0;
    this.found = { ...NO_FIELDS };
    this.seen.model = this.seen.stream = false;
    this.refusal = body[this.at] === OPEN_BRACE ? null : 'not-an-object';
    do {
      this.descend();
      this.ascend();
    } while (this.depth > 0 && this.at !== NONE);
    const isWhole = afterSpace(body, this.at) === body.length;
    // The scanner outlives the request; a body of many megabytes must not.
    this.body = NO_BYTES;
    if (!isWhole) return this.depth > MAX_JSON_DEPTH ? 'too-deep' : 'not-json';
    return this.refusal ?? this.found;
  }

  /** Goes down opening brackets until it has passed a scalar or stands before the end of an empty container. */
  private descend(): void {
    for (;;) {
      this.at = afterSpace(this.body, this.at);
      const byte = this.body[this.at];
      if (byte !== OPEN_BRACE && byte !== OPEN_BRACKET) break;
      this.closers[++this.depth] = byte + TO_CLOSER;
      this.at = this.depth > MAX_JSON_DEPTH ? NONE : afterSpace(this.body, this.at + 1);
      if (this.at === NONE || this.body[this.at] === byte + TO_CLOSER) return;
      if (byte === OPEN_BRACE) this.readKey();
    }
    this.at = afterScalar(this.body, this.at);
  }

  /** Leaves every container that ends here, up to the comma before the next value. */
  private ascend(): void {
    while (this.depth > 0) {
      const at = afterSpace(this.body, this.at);
      const byte = this.body[at];
      const isEnd = byte === this.closers[this.depth];
      this.at = isEnd || byte === COMMA ? at + 1 : NONE;
      if (!isEnd) break;
      this.depth--;
    }
    if (this.at !== NONE && this.closers[this.depth] === CLOSE_BRACE) this.readKey();
  }

  private readKey(): void {
    const start = afterSpace(this.body, this.at);
    const colon = afterSpace(this.body, afterKey(this.body, start));
    this.at = this.body[colon] === COLON ? afterSpace(this.body, colon + 1) : NONE;
    if (this.depth > 1 || this.at === NONE) return;
    this.readField(start, 'model');
    this.readField(start, 'stream');
  }

  /** Looks at the value ahead when the key is this field; the walk passes it like any other. */
  private readField(key: number, field: Field): void {
    // Go's parser takes a key in any case and lets the last one win: to it, `Model` beside `model` is a second model.
    if (!spells(this.body, key, field, LOWER_CASE_BIT)) return;
    if (this.seen[field]) this.refusal ??= 'duplicate-field';
    this.seen[field] = true;
    if (!spells(this.body, key, field, 0)) return;
    if (field === 'model') this.readModel();
    else this.readStream();
  }

  private readModel(): void {
    if (this.body[this.at] !== QUOTE) {
      this.refusal ??= 'model-not-a-string';
      return;
    }
    const end = afterString(this.body, this.at);
    this.found.model = textOf(this.body.subarray(this.at, end));
    this.found.modelStart = this.at;
    this.found.modelEnd = end;
    if (this.found.model === null) this.at = NONE;
  }

  private readStream(): void {
    const first = this.body[this.at];
    this.found.stream = first === LOWER_T;
    if (first !== LOWER_T && first !== LOWER_F && first !== LOWER_N) this.refusal ??= 'stream-not-a-boolean';
  }
}

const scanner = new BodyScanner();

/** Reads `model` and `stream` from the bytes of a JSON object and keeps nothing of the body. */
export function scanBody(body: Buffer): ScannedBody | BodyFault {
  return scanner.scan(body);
}
