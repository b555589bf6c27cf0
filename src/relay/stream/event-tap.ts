import { NONE } from '../body/json-walk';
import { isError, isUsageChunk } from './event-json';
import { type EventKind, kindOfData } from './event-kind';
import { ERROR_MARK, marksIn, NO_MARKS, USAGE_MARK } from './event-marks';
import { EventReader } from './event-reader';
import type { TokenUsage } from '../../usage/token-usage';
import { mergedUsage, usageIn } from './token-usage';

const NO_BYTES: Buffer = Buffer.alloc(0);

/**
 * Watches a stream of events of any dialect on its way to the client: the same bytes go out as they come, and in the same
 * buffer. With `dropsUsage` the chunk that `stream_options.include_usage` adds is taken out, and for this an unfinished
 * event is held back until it ends or has 64 KiB. Never throws, whatever the bytes are.
 */
export class EventTap {
  private readonly reader = new EventReader();
  private readonly dropsUsage: boolean;
  private heldBytes = 0;
  private hasDroppedLast = false;
  private payloads = 0;
  private firstUsage: Buffer | null = null;
  private lastUsage: Buffer | null = null;
  private firstError: Buffer | null = null;
  private hasEnded = false;

  constructor({ dropsUsage }: { readonly dropsUsage: boolean }) {
    this.dropsUsage = dropsUsage;
  }

  /** Whether what was handed out ends where a comment may be put in. */
  get isAtBoundary(): boolean {
    return this.reader.event === null || this.heldBytes > 0;
  }

  /** Events with data, pings aside, among them what was dropped and what marks the end. */
  get payloadEvents(): number {
    return this.payloads;
  }

  /** What the first and the last event with a usage say; they are parsed now, since some streams have one in each event. */
  get usage(): TokenUsage | null {
    if (this.firstUsage === null || this.lastUsage === null) return null;
    return mergedUsage(usageIn(this.firstUsage), usageIn(this.lastUsage));
  }

  /** The data of the first event that is an error, of a longer one the beginning within its first 64 KiB. */
  get errorEvent(): Buffer | null {
    return this.firstError;
  }

  /** Whether the stream has said that it is complete, or has failed for good; Gemini's never says so. */
  get isDone(): boolean {
    return this.hasEnded;
  }

  /** What may go to the client of this chunk and of what was held; may be empty. */
  pass(chunk: Buffer): Buffer {
    if (chunk.length === 0) return chunk;
    const endOfLast = this.reader.begin(chunk);
    if (this.dropsUsage) return this.sift(chunk, this.hasDroppedLast ? endOfLast : 0);
    while (this.reader.next() !== NONE) this.look();
    return chunk;
  }

  /** Takes note that the stream has ended, be it in the middle of an event; answers what was held, null when it was nothing. */
  end(): Buffer | null {
    const isDropped = this.reader.finish() && this.look();
    const held = isDropped || this.heldBytes === 0 ? null : this.held();
    this.heldBytes = 0;
    return held;
  }

  /** Passes a chunk less the usage chunk and what has to wait for its end. */
  private sift(chunk: Buffer, start: number): Buffer {
    const pieces: Buffer[] = [];
    let from = start;
    for (let end = this.reader.next(); end !== NONE; end = this.reader.next()) {
      if (this.look()) {
        pieces.push(chunk.subarray(from, this.reader.eventStart));
        from = end;
      } else if (this.heldBytes > 0) pieces.push(this.held());
      this.heldBytes = 0;
    }
    // A carriage return may have ended it, whose line feed is still to come.
    this.hasDroppedLast = from === chunk.length;
    const to = this.holdUnfinished(chunk, pieces);
    if (pieces.length === 0) return from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to);
    return Buffer.concat([...pieces, chunk.subarray(from, to)]);
  }

  /** Up to where the chunk may go out; an event that has become too long is let go. */
  private holdUnfinished(chunk: Buffer, pieces: Buffer[]): number {
    const { event, eventStart } = this.reader;
    if (event !== null && !event.isLong) {
      this.heldBytes = event.length;
      return eventStart;
    }
    if (this.heldBytes > 0) pieces.push(this.held());
    this.heldBytes = 0;
    return chunk.length;
  }

  private held(): Buffer {
    return this.reader.event?.head.subarray(0, this.heldBytes) ?? NO_BYTES;
  }

  /** Notes what the event at hand says; whether it is to be dropped. */
  private look(): boolean {
    const { bytes, dataStart, dataEnd, kind: kindOfItsName } = this.reader.fields;
    if (dataStart === dataEnd) return false;
    const kind = kindOfItsName ?? kindOfData(bytes, dataStart);
    if (kind === 'ping') return false;
    this.payloads++;
    const marks = marksIn(bytes, dataStart, dataEnd);
    if (kind === null && marks === NO_MARKS && this.reader.event === null) return false;
    const data = bytes.subarray(dataStart, dataEnd);
    this.noteEnd(kind, data, (marks & ERROR_MARK) !== 0);
    return this.noteUsage(data, (marks & USAGE_MARK) !== 0);
  }

  private noteEnd(kind: EventKind | null, data: Buffer, mayBeError: boolean): void {
    if (kind === 'done' || kind === 'failed') this.hasEnded = true;
    if (this.firstError !== null) return;
    if (kind === 'error' || kind === 'failed' || (mayBeError && isError(data))) this.firstError = data;
  }

  /** Whether it is the chunk that is to be dropped. */
  private noteUsage(data: Buffer, isThere: boolean): boolean {
    const { event } = this.reader;
    // The usage of a long event, such as a whole response, comes after its text.
    const tail = event?.isLong ? event.tail : null;
    if (tail === null ? !isThere : usageIn(tail) === null) return false;
    this.lastUsage = tail ?? data;
    this.firstUsage ??= this.lastUsage;
    return this.dropsUsage && tail === null && isUsageChunk(data);
  }
}
