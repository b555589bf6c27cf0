import { readFile } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SegmentContent } from '../flush/flushable-segments';
import type { RequestRecord } from '../request-record';
import type { UsageSum } from '../request-sums';
import { decodeEntry } from './record-codec';
import { SegmentFrames } from './segment-format';

// Well below a millisecond of work, so that requests pass between.
const FRAMES_A_TURN = 100;

/** What a segment holds, and what of it was lost. */
export interface SegmentRead extends SegmentContent {
  /** Bytes from the first fault on; 0 for a segment without any. */
  readonly cutBytes: number;
  /** Payloads of which this program can make nothing. */
  readonly unknown: number;
}

/**
 * Reads a segment without holding up the event loop. Whatever its bytes are, what is sound before the first fault is
 * answered. Rejects only when the file cannot be read.
 */
export async function readSegment(path: string): Promise<SegmentRead> {
  const frames = new SegmentFrames(await readFile(path));
  const records: RequestRecord[] = [];
  const sums: UsageSum[] = [];
  let unknown = 0;
  for (let count = 1, payload = frames.next(); payload; payload = frames.next(), count++) {
    const entry = decodeEntry(payload);
    if (entry === null) unknown++;
    else if ('record' in entry) records.push(entry.record);
    else sums.push(entry.sum);
    if (count % FRAMES_A_TURN === 0) await nextTurn();
  }
  return { records, sums, cutBytes: frames.restBytes, unknown };
}
