import { BodyTail, TAIL_BYTES } from './body-tail';

/** How much of an event's beginning is read, and how much of an unfinished one is held back at most. */
export const MOST_EVENT_BYTES = TAIL_BYTES;

/** The bytes of one event, gathered piece by piece: of a long one only the beginning and the end. */
export class EventBytes {
  private readonly first = new BodyTail();
  private last: BodyTail | null = null;
  private total = 0;

  get length(): number {
    return this.total;
  }

  /** Whether there is more than `head` holds. */
  get isLong(): boolean {
    return this.total > MOST_EVENT_BYTES;
  }

  get firstByte(): number | undefined {
    return this.head[0];
  }

  /** The first 64 KiB. */
  get head(): Buffer {
    return this.first.bytes;
  }

  /** The last 64 KiB. */
  get tail(): Buffer {
    return (this.last ?? this.first).bytes;
  }

  add(bytes: Buffer): void {
    const room = Math.max(0, MOST_EVENT_BYTES - this.total);
    this.total += bytes.length;
    if (room > 0) this.first.add(bytes.subarray(0, room));
    if (this.isLong) this.addToTail(bytes.subarray(room));
  }

  private addToTail(bytes: Buffer): void {
    if (this.last === null) {
      this.last = new BodyTail();
      this.last.add(this.first.bytes);
    }
    this.last.add(bytes);
  }
}
