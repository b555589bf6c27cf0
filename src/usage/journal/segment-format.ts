import { crc32 } from 'node:zlib';

/** How each segment begins: what it is, and in which version of this format. */
export const SEGMENT_HEADER: Buffer = Buffer.from('KEYMUXJ1', 'latin1');
/** Before each payload: its length and its CRC-32, as 32-bit numbers, little-endian. */
const FRAME_HEADER_BYTES = 8;
const CRC_OFFSET = 4;

const SCRATCH_BYTES = 64 * 1024;
// One buffer for all: a frame is used up before the next one is made.
const scratch = Buffer.allocUnsafe(SCRATCH_BYTES);

/** One payload with its length and checksum; what is returned holds until the next call. */
export function frameOf(payload: string): Buffer {
  const mostBytes = FRAME_HEADER_BYTES + 3 * payload.length;
  const buffer = mostBytes <= SCRATCH_BYTES ? scratch : Buffer.allocUnsafe(mostBytes);
  const length = buffer.write(payload, FRAME_HEADER_BYTES);
  const frame = buffer.subarray(0, FRAME_HEADER_BYTES + length);
  frame.writeUInt32LE(length, 0);
  frame.writeUInt32LE(crc32(frame.subarray(FRAME_HEADER_BYTES)), CRC_OFFSET);
  return frame;
}

/** How long the frame is that begins at a place where one does. */
export function frameLengthAt(frames: Buffer, at: number): number {
  return FRAME_HEADER_BYTES + frames.readUInt32LE(at);
}

/** Takes a segment apart, frame by frame, up to its first fault; never throws, whatever the bytes are. */
export class SegmentFrames {
  private at: number;

  constructor(private readonly segment: Buffer) {
    this.at = segment.subarray(0, SEGMENT_HEADER.length).equals(SEGMENT_HEADER) ? SEGMENT_HEADER.length : 0;
  }

  /** Bytes that are not read, or not yet: after the last frame a torn tail, or flipped bits and all that follows them. */
  get restBytes(): number {
    return this.segment.length - this.at;
  }

  /** The next payload; null when no whole and sound one follows. */
  next(): Buffer | null {
    const start = this.at + FRAME_HEADER_BYTES;
    if (this.at === 0 || start > this.segment.length) return null;
    const length = this.segment.readUInt32LE(this.at);
    // A power cut may leave zeros, whose checksum would be right.
    if (length === 0 || length > this.segment.length - start) return null;
    const payload = this.segment.subarray(start, start + length);
    if (crc32(payload) !== this.segment.readUInt32LE(this.at + CRC_OFFSET)) return null;
    this.at = start + length;
    return payload;
  }
}
