import { COLON, NONE } from '../body/json-walk';
import { type EventKind, isThere, kindOfName } from './event-kind';

const [LINE_FEED, CARRIAGE_RETURN, SPACE, FIRST_OF_BYTE_ORDER_MARK] = [0x0a, 0x0d, 0x20, 0xef] as const;
const BYTE_ORDER_MARK = Buffer.from('\uFEFF');
const DATA = Buffer.from('data');
const EVENT = Buffer.from('event');
const LINE_BREAK = Buffer.from('\n');
const NO_BYTES: Buffer = Buffer.alloc(0);

/** What the lines of one event say. One object serves event after event, so that reading one allocates nothing. */
export class EventFields {
  /** Holds the data from `dataStart` to `dataEnd`. */
  bytes = NO_BYTES;
  dataStart = 0;
  dataEnd = 0;
  /** What the event's name makes of it. */
  kind: EventKind | null = null;
  private hasData = false;
  /** The lines of data, once there are several. */
  private readonly lines: Buffer[] = [];

  clear(): void {
    this.dataStart = this.dataEnd = 0;
    this.hasData = false;
    this.lines.length = 0;
    this.kind = null;
  }

  /** Reads one line, given without its end; all lines of an event come from the same bytes. */
  readLine(bytes: Buffer, lineStart: number, end: number): void {
    const hasMark = bytes[lineStart] === FIRST_OF_BYTE_ORDER_MARK && isThere(bytes, lineStart, BYTE_ORDER_MARK);
    const start = hasMark ? lineStart + BYTE_ORDER_MARK.length : lineStart;
    if (isThere(bytes, start, DATA)) this.readData(bytes, start + DATA.length, end);
    else if (isThere(bytes, start, EVENT)) this.readName(bytes, start + EVENT.length, end);
  }

  /** Reads an event anew, from bytes that hold nothing else; an end without a line end is a line too. */
  readLines(bytes: Buffer): void {
    this.clear();
    for (let start = 0; start < bytes.length;) {
      const end = lineEnd(bytes, start);
      this.readLine(bytes, start, end);
      start = end + 1;
    }
    this.join();
  }

  /** Puts data of several lines together; to be called when each line has been read by `readLine`. */
  join(): void {
    if (this.lines.length === 0) return;
    this.bytes = Buffer.concat(this.lines.flatMap((line, index) => (index === 0 ? [line] : [LINE_BREAK, line])));
    this.dataStart = 0;
    this.dataEnd = this.bytes.length;
    this.lines.length = 0;
  }

  private readData(bytes: Buffer, afterName: number, end: number): void {
    const start = valueStart(bytes, afterName, end);
    if (start === NONE) return;
    if (this.hasData) {
      if (this.lines.length === 0) this.lines.push(this.bytes.subarray(this.dataStart, this.dataEnd));
      this.lines.push(bytes.subarray(start, end));
      return;
    }
    this.hasData = true;
    this.bytes = bytes;
    this.dataStart = start;
    this.dataEnd = end;
  }

  private readName(bytes: Buffer, afterName: number, end: number): void {
    const start = valueStart(bytes, afterName, end);
    if (start !== NONE) this.kind = kindOfName(bytes, start, end);
  }
}

/** Where the value of a field begins; `NONE` when its name goes on. */
function valueStart(bytes: Buffer, afterName: number, end: number): number {
  if (afterName === end) return end;
  if (bytes[afterName] !== COLON) return NONE;
  return bytes[afterName + 1] === SPACE ? afterName + 2 : afterName + 1;
}

function lineEnd(bytes: Buffer, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] !== LINE_FEED && bytes[at] !== CARRIAGE_RETURN) at++;
  return at;
}
