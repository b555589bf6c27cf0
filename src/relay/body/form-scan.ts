import { isUtf8 } from 'node:buffer';
import { type PartHead, readPartHead } from './form-part-head';

/** A form's `model` and the absolute byte offsets of its value, the end exclusive. */
export interface FormModel {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

export type FormFault = 'not-multipart' | 'duplicate-model' | 'model-too-long' | 'head-too-long';

type Stage = 'opening' | 'delimiter' | 'head' | 'body' | 'epilogue';

const MEDIA_TYPE = /^multipart\/form-data[\t ]*(?=;)/i;
const PARAMETER = /;[\t ]*([\w!#$%&'*+.^`|~-]+)=("[^"\\]*"|[^\t ";]*)[\t ]*/gy;
const BOUNDARY = /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/;

const [TAB, LINE_FEED, CARRIAGE_RETURN, SPACE, DASH] = [0x09, 0x0a, 0x0d, 0x20, 0x2d] as const;
const BLANKS: readonly number[] = [TAB, LINE_FEED, CARRIAGE_RETURN, SPACE];
const BLANK_LINE = Buffer.from('\r\n\r\n');
const LINE_END_BYTES = 2;
const NO_BYTES: Buffer = Buffer.alloc(0);

/** Some parsers take a name in any case, and `model[]` for one more `model`. */
const MODEL_LIKE = /^model(?!\w|[.-])/i;
/** With the blank line that ends it. */
const MOST_HEAD_BYTES = 16 * 1024;
const MOST_VALUE_BYTES = 512;
/** How much of a chunk is copied to what was held of the one before, to read over the border. */
const SEAM_BYTES = 1024;

/** The boundary that a content type names; null when it is no form, or its boundary is missing, repeated or malformed. */
export function boundaryOf(contentType: string): string | null {
  const [mediaType] = MEDIA_TYPE.exec(contentType) ?? [];
  if (mediaType === undefined) return null;
  const parameters = contentType.slice(mediaType.length);
  if (!/^;?$/.test(parameters.replace(PARAMETER, ''))) return null;
  const boundaries = [...parameters.matchAll(PARAMETER)].filter(([, name = '']) => /^boundary\b/i.test(name));
  const [, name = '', value = ''] = boundaries.length === 1 ? (boundaries[0] ?? []) : [];
  const boundary = value.replace(/^"(.*)"$/, '$1');
  return /^boundary$/i.test(name) && BOUNDARY.test(boundary) ? boundary : null;
}

/**
 * Finds `model` and `stream` in a multipart form that passes by in chunks, cut anywhere. Holds a part's head or a short
 * value at most, never a file. What parsers read in different ways is a fault, so that no upstream sees another model; after
 * a fault nothing more is read.
 */
export class FormScan {
  private readonly delimiter: Buffer;
  private stage: Stage = 'opening';
  private held = NO_BYTES;
  /** Of the first byte that is not yet passed. */
  private offset = 0;
  private hasModel = false;
  /** The field whose value is being read. */
  private field: 'model' | 'stream' | null = null;
  private readonly found = { model: null as FormModel | null, stream: false, fault: null as FormFault | null };

  constructor(boundary: string) {
    this.delimiter = Buffer.from(`--${boundary}`);
  }

  /** Null while it has not come. */
  public get model(): FormModel | null {
    return this.found.model;
  }

  public get stream(): boolean {
    return this.found.stream;
  }

  public get fault(): FormFault | null {
    return this.found.fault;
  }

  /** Whether the closing boundary has come. */
  public get isComplete(): boolean {
    return this.stage === 'epilogue';
  }

  public push(chunk: Buffer): void {
    let at = 0;
    while (this.held.length > 0 && at < chunk.length) at = this.passSeam(chunk, at);
    if (this.fault === null && at < chunk.length) {
      const rest = chunk.subarray(at);
      this.held = Buffer.from(rest.subarray(this.pass(rest)));
    }
    if (this.fault !== null) this.held = NO_BYTES;
  }

  /** Reads on where the last chunk broke off, until what is undecided lies within this one. */
  private passSeam(chunk: Buffer, at: number): number {
    const end = Math.min(at + SEAM_BYTES, chunk.length);
    const joined = Buffer.concat([this.held, chunk.subarray(at, end)]);
    const left = joined.length - this.pass(joined);
    const isWithin = left <= end - at || this.fault !== null;
    this.held = isWithin ? NO_BYTES : joined.subarray(joined.length - left);
    return isWithin ? end - left : end;
  }

  /** How many of these bytes are done with; the rest has to come again with more. */
  private pass(bytes: Buffer): number {
    let at = 0;
    for (let next = this.step(bytes, at); next > at; next = this.step(bytes, at)) at = next;
    this.offset += at;
    return at;
  }

  private step(bytes: Buffer, at: number): number {
    if (this.fault !== null) return at;
    switch (this.stage) {
      case 'opening':
        return this.passOpening(bytes, at);
      case 'delimiter':
        return this.passDelimiter(bytes, at);
      case 'head':
        return this.passHead(bytes, at);
      case 'body':
        return this.passBody(bytes, at);
      case 'epilogue':
        return this.passEpilogue(bytes, at);
    }
  }

  /** Some clients begin with line ends; other text before the first boundary is read differently by parsers. */
  private passOpening(bytes: Buffer, at: number): number {
    let start = at;
    while (isLineEnd(bytes, start)) start += LINE_END_BYTES;
    const end = start + this.delimiter.length;
    if (end > bytes.length) return start;
    if (!bytes.subarray(start, end).equals(this.delimiter)) return this.fail('not-multipart', at);
    this.stage = 'delimiter';
    return end;
  }

  private passDelimiter(bytes: Buffer, at: number): number {
    const end = at + LINE_END_BYTES;
    if (end > bytes.length) return at;
    const isClosing = bytes[at] === DASH && bytes[at + 1] === DASH;
    if (!isClosing && !isLineEnd(bytes, at)) return this.fail('not-multipart', at);
    this.stage = isClosing ? 'epilogue' : 'head';
    return end;
  }

  private passHead(bytes: Buffer, at: number): number {
    const window = bytes.subarray(at, at + MOST_HEAD_BYTES);
    const end = window.indexOf(BLANK_LINE);
    if (end < 0) return window.length < MOST_HEAD_BYTES ? at : this.fail('head-too-long', at);
    const head = window.subarray(0, end);
    const part = head.includes(this.delimiter) ? null : readPartHead(head);
    if (part === null) return this.fail('not-multipart', at);
    this.stage = 'body';
    return this.beginPart(part) ? at + end + BLANK_LINE.length : at;
  }

  /** False for a model that an upstream might find where the relay does not. */
  private beginPart({ name, isValue }: PartHead): boolean {
    this.field = isValue && (name === 'model' || name === 'stream') ? name : null;
    if (!MODEL_LIKE.test(name)) return true;
    const isReadable = !this.hasModel && this.field === 'model';
    if (!isReadable) this.found.fault = this.hasModel ? 'duplicate-model' : 'not-multipart';
    this.hasModel = true;
    return isReadable;
  }

  private passBody(bytes: Buffer, at: number): number {
    const delimiter = bytes.indexOf(this.delimiter, at);
    const isFound = delimiter >= 0;
    // Where it is not found, the value cannot end before the earliest place at which the bytes to come may complete it.
    const end = (isFound ? delimiter : bytes.length + 1 - this.delimiter.length) - LINE_END_BYTES;
    if (end - at > MOST_VALUE_BYTES) {
      if (this.field === 'model') return this.fail('model-too-long', at);
      this.field = null;
    }
    if (isFound) return this.endPart(bytes, at, end);
    return this.field === null ? Math.max(at, end) : at;
  }

  private endPart(bytes: Buffer, at: number, end: number): number {
    // Where it stands within a line, or after a line feed alone, only some parsers take it for a boundary.
    if (end < at || !isLineEnd(bytes, end)) return this.fail('not-multipart', at);
    if (this.field !== null && !this.readValue(this.field, bytes.subarray(at, end), this.offset + at))
      return this.fail('not-multipart', at);
    this.stage = 'delimiter';
    return end + LINE_END_BYTES + this.delimiter.length;
  }

  private readValue(field: 'model' | 'stream', bytes: Buffer, start: number): boolean {
    if (!isUtf8(bytes)) return false;
    const value = bytes.toString();
    if (field === 'stream') this.found.stream = /^(true|1)$/i.test(value);
    else this.found.model = { value, start, end: start + bytes.length };
    return true;
  }

  private passEpilogue(bytes: Buffer, at: number): number {
    for (const byte of bytes.subarray(at)) {
      if (!BLANKS.includes(byte)) return this.fail('not-multipart', at);
    }
    return bytes.length;
  }

  private fail(fault: FormFault, at: number): number {
    this.found.fault = fault;
    return at;
  }
}

function isLineEnd(bytes: Buffer, at: number): boolean {
  return bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED;
}
