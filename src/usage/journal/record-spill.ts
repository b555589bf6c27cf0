import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RequestRecord } from '../request-record';
import { RequestSums, type UsageSum } from '../request-sums';
import { encodeSum } from './record-codec';
import { frameLengthAt, frameOf } from './segment-format';

const BLOCK_BYTES = 1024 * 1024;
const MOST_BLOCKS = 32;
// Well below a millisecond of writing, so that requests pass between.
const FRAMES_A_TURN = 200;

interface Block {
  readonly buffer: Buffer;
  /** What is before this has been handed over. */
  from: number;
  used: number;
}

/** Keeps in memory what cannot be written just now: records, up to 32 MiB of them, and of those beyond their sums. */
export class RecordSpill {
  private readonly blocks: Block[] = [];
  private beyond: RequestSums | null = null;
  /** Those that are being handed over. */
  private sums: UsageSum[] = [];

  get isEmpty(): boolean {
    return this.blocks.length === 0 && this.sums.length === 0 && this.beyond === null;
  }

  /** Whether there was room for the record itself. */
  add(frame: Buffer, record: RequestRecord): boolean {
    const block = this.blockFor(frame.length);
    if (block) block.used += frame.copy(block.buffer, block.used);
    else (this.beyond ??= new RequestSums()).add(record);
    return block !== null;
  }

  /**
   * Hands over all there is, frame by frame, also what comes meanwhile. Rejects when `append` throws: what it has taken until
   * then is not handed over again.
   */
  async drain(append: (frame: Buffer) => void): Promise<void> {
    while (!this.isEmpty) {
      for (let i = 0; i < FRAMES_A_TURN; i++) this.handOver(append);
      await nextTurn();
    }
  }

  private handOver(append: (frame: Buffer) => void): void {
    const [block] = this.blocks;
    if (block) this.handOverFrom(block, append);
    else this.handOverSum(append);
  }

  private handOverFrom(block: Block, append: (frame: Buffer) => void): void {
    const end = block.from + frameLengthAt(block.buffer, block.from);
    append(block.buffer.subarray(block.from, end));
    block.from = end;
    if (block.from === block.used) this.blocks.shift();
  }

  private handOverSum(append: (frame: Buffer) => void): void {
    if (this.sums.length === 0 && this.beyond) {
      this.sums = [...this.beyond.list()];
      this.beyond = null;
    }
    const sum = this.sums.at(-1);
    if (!sum) return;
    append(frameOf(encodeSum(sum)));
    this.sums.pop();
  }

  private blockFor(bytes: number): Block | null {
    const last = this.blocks.at(-1);
    if (last && last.used + bytes <= BLOCK_BYTES) return last;
    if (this.blocks.length >= MOST_BLOCKS || bytes > BLOCK_BYTES) return null;
    const block = { buffer: Buffer.allocUnsafe(BLOCK_BYTES), from: 0, used: 0 };
    this.blocks.push(block);
    return block;
  }
}
