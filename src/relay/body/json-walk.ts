export const [QUOTE, COMMA, COLON] = [0x22, 0x2c, 0x3a] as const;
export const [OPEN_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x7b, 0x7d] as const;
export const [LOWER_F, LOWER_N, LOWER_T] = [0x66, 0x6e, 0x74] as const;
/** The position and the byte that are not there; a step that breaks the grammar leads here, and so does every later one. */
export const NONE = -1;

const [TAB, LINE_FEED, CARRIAGE_RETURN, SPACE, BACKSLASH] = [0x09, 0x0a, 0x0d, 0x20, 0x5c] as const;
const [PLUS, MINUS, POINT, ZERO, NINE] = [0x2b, 0x2d, 0x2e, 0x30, 0x39] as const;
const [UPPER_E, LOWER_E, LOWER_U] = [0x45, 0x65, 0x75] as const;

/** Turns a square bracket into the brace of its side, and no other byte into one. */
const BRACKET_TO_BRACE_BIT = 0x20;
/** Up to here a byte loop beats the call into the native search. */
const SHORT_STRING_BYTES = 16;
const UNICODE_ESCAPE_BYTES = 6;

const SHORT_ESCAPES = [...Buffer.from('"\\/bfnrt')];
const HEX_VALUES = new Int8Array(256).fill(-1);
for (const digit of '0123456789abcdefABCDEF') HEX_VALUES[digit.charCodeAt(0)] = Number.parseInt(digit, 16);

function isSpace(byte: number): boolean {
  return byte <= SPACE && (byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB);
}

export function afterSpace(body: Buffer, start: number): number {
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
export function afterString(body: Buffer, start: number): number {
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

export function afterScalar(body: Buffer, start: number): number {
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

/** Where the value of the key at a position begins; NONE unless a key and its colon stand there. */
export function valueAfterKey(body: Buffer, key: number): number {
  const colon = afterSpace(body, afterKey(body, key));
  return body[colon] === COLON ? afterSpace(body, colon + 1) : NONE;
}

/**
 * Passes a value whose brackets are known to match, as they do in every body that has been scanned; NONE when the bytes
 * end within it.
 */
export function afterValue(body: Buffer, start: number): number {
  if (!isBracket(body[start], OPEN_BRACE)) return afterScalar(body, start);
  let depth = 0;
  for (let at = start; ;) {
    const byte = body[at];
    if (byte === undefined) return NONE;
    at = byte === QUOTE ? afterString(body, at) : at + 1;
    if (isBracket(byte, OPEN_BRACE)) depth++;
    else if (isBracket(byte, CLOSE_BRACE) && --depth === 0) return at;
  }
}

/** Whether the byte is this brace, or the bracket that opens or closes as it does. */
function isBracket(byte: number | undefined, brace: number): boolean {
  return ((byte ?? 0) | BRACKET_TO_BRACE_BIT) === brace;
}

/** Whether the well-formed key at a position reads as this text; of all escapes only \u can stand for a letter. */
export function spells(body: Buffer, start: number, text: string, caseBit: number): boolean {
  let at = start + 1;
  for (let index = 0; index < text.length; index++) {
    const isEscape = body[at] === BACKSLASH;
    const code = isEscape ? unicodeEscape(body, at) : (body[at] ?? 0);
    if ((code | caseBit) !== text.charCodeAt(index)) return false;
    at += isEscape ? UNICODE_ESCAPE_BYTES : 1;
  }
  return body[at] === QUOTE;
}
