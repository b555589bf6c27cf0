import { COLON, NONE } from '../body/json-walk';
import { EventBytes, MOST_EVENT_BYTES } from './event-bytes';
import { EventFields } from './event-fields';

const [LINE_FEED, CARRIAGE_RETURN] = [0x0a, 0x0d] as const;
const NO_BYTES: Buffer = Buffer.alloc(0);

/**
 * Finds where events end in a stream of bytes, however it is cut into chunks, and reads them. A comment between events
 * stands for itself, like an event without data.
 */
export class EventReader {
  /** What the event at hand says; of a long one, what its first 64 KiB say. Good until the next one is asked for. */
  readonly fields = new EventFields();
  private chunk = NO_BYTES;
  private at = 0;
  private start = 0;
  private lineFeed = NONE;
  private carriageReturn = NONE;
  private isWithinLine = false;
  private endsInCarriageReturn = false;
  private isOver = false;
  private gathered: EventBytes | null = null;

  /** The bytes of the event at hand, less its blank line; null while a single chunk holds it, unless it is long. */
  get event(): EventBytes | null {
    return this.gathered;
  }

  /** Where the event at hand begins within the chunk, or goes on. */
  get eventStart(): number {
    return this.start;
  }

  /** Goes on with this chunk; answers how many of its bytes still belong to the line end before the event at hand. */
  begin(chunk: Buffer): number {
    this.chunk = chunk;
    this.lineFeed = this.carriageReturn = NONE;
    this.at = this.endsInCarriageReturn && chunk[0] === LINE_FEED ? 1 : 0;
    this.endsInCarriageReturn = false;
    this.start = this.gathered === null ? this.at : 0;
    return this.start;
  }

  /** Reads the next event that ends in this chunk, and answers the position past its blank line; `NONE` when there is no more. */
  next(): number {
    if (this.isOver) this.startNext();
    const { length } = this.chunk;
    while (this.at < length) {
      const end = this.lineEnd(this.at);
      if (end === length) {
        this.isWithinLine = true;
        break;
      }
      if (this.endLine(end)) return this.at;
    }
    if (this.start < length) this.gather(length);
    return NONE;
  }

  /** Reads what is left at the end of the stream as an event; false when nothing is. */
  finish(): boolean {
    if (this.gathered === null) return false;
    this.fields.readLines(this.gathered.head);
    return true;
  }

  private startNext(): void {
    this.isOver = false;
    this.gathered = null;
    this.start = this.at;
    this.fields.clear();
  }

  /** Whether an event ends with this line. */
  private endLine(end: number): boolean {
    const { at, chunk, gathered } = this;
    const isBlank = at === end && !this.isWithinLine;
    this.isWithinLine = false;
    this.at = this.pastLineEnd(end);
    if (isBlank && gathered === null && this.start === at) {
      this.start = this.at;
      return false;
    }
    const isComment = (gathered ? gathered.firstByte : chunk[this.start]) === COLON;
    if (isBlank || isComment) {
      this.endEvent(isBlank ? at : this.at);
      return true;
    }
    if (gathered === null) this.fields.readLine(chunk, at, end);
    return false;
  }

  private endEvent(end: number): void {
    this.isOver = true;
    if (this.gathered === null && end - this.start <= MOST_EVENT_BYTES) this.fields.join();
    else this.fields.readLines(this.gather(end).head);
  }

  /** Adds the chunk's part of the event at hand. */
  private gather(end: number): EventBytes {
    this.gathered ??= new EventBytes();
    this.gathered.add(this.chunk.subarray(this.start, end));
    return this.gathered;
  }

  /** The position of the next line end; the chunk's length when there is none. Each search goes on where the last one ended. */
  private lineEnd(from: number): number {
    if (this.lineFeed < from) this.lineFeed = this.find(LINE_FEED, from);
    if (this.carriageReturn < from) this.carriageReturn = this.find(CARRIAGE_RETURN, from);
    return this.lineFeed < this.carriageReturn ? this.lineFeed : this.carriageReturn;
  }

  private find(byte: number, from: number): number {
    // The blank line after an event needs no native search.
    if (this.chunk[from] === byte) return from;
    const at = this.chunk.indexOf(byte, from);
    return at === NONE ? this.chunk.length : at;
  }

  private pastLineEnd(end: number): number {
    if (this.chunk[end] === LINE_FEED) return end + 1;
    if (end + 1 === this.chunk.length) this.endsInCarriageReturn = true;
    return this.chunk[end + 1] === LINE_FEED ? end + 2 : end + 1;
  }
}
