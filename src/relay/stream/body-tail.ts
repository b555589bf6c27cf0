/** How much of the end is kept. */
export const TAIL_BYTES = 64 * 1024;
const SMALLEST_BUFFER_BYTES = 1024;
const NO_BYTES: Buffer = Buffer.alloc(0);

/** Keeps the last 64 KiB of what passes; what comes in one piece is kept as it is, uncopied. */
export class BodyTail {
  private buffer = NO_BYTES;
  private length = 0;
  /** The first piece is somebody else's buffer, which must not be written to. */
  private ownsBuffer = false;

  add(bytes: Buffer): void {
    if (this.length === 0) {
      this.buffer = bytes;
      this.length = bytes.length;
      return;
    }
    const added = bytes.length > TAIL_BYTES ? bytes.subarray(bytes.length - TAIL_BYTES) : bytes;
    this.makeRoom(added.length);
    this.length += added.copy(this.buffer, this.length);
  }

  get bytes(): Buffer {
    return this.buffer.subarray(Math.max(0, this.length - TAIL_BYTES), this.length);
  }

  /** The buffer grows to twice the tail, so that old bytes make way many at a time. */
  private makeRoom(addedBytes: number): void {
    if (this.ownsBuffer && this.length + addedBytes <= this.buffer.length) return;
    const kept = this.bytes;
    if (this.buffer.length < 2 * TAIL_BYTES || !this.ownsBuffer) {
      const wanted = Math.max(2 * (kept.length + addedBytes), SMALLEST_BUFFER_BYTES);
      this.buffer = Buffer.allocUnsafe(Math.min(wanted, 2 * TAIL_BYTES));
      this.ownsBuffer = true;
    }
    this.length = kept.copy(this.buffer);
  }
}
