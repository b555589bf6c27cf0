import { isUtf8 } from 'node:buffer';
import {
  afterScalar,
  afterSpace,
  afterString,
  CLOSE_BRACE,
  COMMA,
  LOWER_F,
  LOWER_N,
  LOWER_T,
  NONE,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  spells,
  valueAfterKey,
} from './json-walk';

export const MAX_JSON_DEPTH = 64;

/** What the relay reads of a JSON body. */
export interface ScannedBody {
  readonly model: string | null;
  readonly stream: boolean;
}

export type BodyFault =
  | 'not-json'
  | 'not-an-object'
  | 'too-deep'
  | 'duplicate-field'
  | 'field-in-capitals'
  | 'model-not-a-string'
  | 'stream-not-a-boolean';

type Field = 'model' | 'stream';

/** From an opening bracket of either kind to its closing one. */
const TO_CLOSER = 2;
/** Turns A-Z into a-z and makes no other byte a letter. */
const LOWER_CASE_BIT = 0x20;

const NO_BYTES: Buffer = Buffer.alloc(0);
const NO_FIELDS = { model: null as string | null, stream: false };

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
    this.at = valueAfterKey(this.body, start);
    if (this.depth > 1 || this.at === NONE) return;
    this.readField(start, 'model');
    this.readField(start, 'stream');
  }

  /** Looks at the value ahead when the key is this field; the walk passes it like any other. */
  private readField(key: number, field: Field): void {
    // Go's parser takes a key in any case and lets the last one win: to it, `Model` is a model, beside `model` a second one.
    if (!spells(this.body, key, field, LOWER_CASE_BIT)) return;
    if (this.seen[field]) this.refusal ??= 'duplicate-field';
    this.seen[field] = true;
    if (!spells(this.body, key, field, 0)) {
      this.refusal ??= 'field-in-capitals';
      return;
    }
    if (field === 'model') this.readModel();
    else this.readStream();
  }

  private readModel(): void {
    if (this.body[this.at] !== QUOTE) {
      this.refusal ??= 'model-not-a-string';
      return;
    }
    this.found.model = textOf(this.body.subarray(this.at, afterString(this.body, this.at)));
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
