import { rename, unlink, writeFile } from 'node:fs/promises';
import { mapInSlices } from '../../common/in-slices';
import { RequestSums } from '../request-sums';
import { draftOf } from './instance-folder';
import type { JournalReport } from './journal-report';
import { encodeSum } from './record-codec';
import { frameOf, SEGMENT_HEADER } from './segment-format';
import type { SegmentShelf, ShelvedSegment } from './segment-shelf';

/** Keeps closed segments within a size: of the oldest ones only the sums stay, loudly, under the same number. */
export class SegmentCompaction {
  constructor(
    private readonly shelf: SegmentShelf,
    private readonly report: JournalReport,
  ) {}

  /** As far as compaction can; a segment that cannot be read or written is left for the next time. */
  async keepWithin(bytes: number): Promise<void> {
    if (this.shelf.bytes <= bytes) return;
    for (const segment of this.shelf.list()) {
      if (this.shelf.bytes <= bytes) return;
      if (!segment.isCompact) await this.tryCompact(segment);
    }
  }

  private async tryCompact(segment: ShelvedSegment): Promise<void> {
    try {
      await this.compact(segment);
    } catch (error) {
      this.report.hiccup(error);
    }
  }

  private async compact(segment: ShelvedSegment): Promise<void> {
    const { records, sums: earlier } = await segment.read();
    const sums = new RequestSums();
    for (const sum of earlier) sums.addSum(sum);
    await mapInSlices(records, (record) => {
      sums.add(record);
    });
    const frames = await mapInSlices(sums.list(), (sum) => Buffer.from(frameOf(encodeSum(sum))));
    const compact = Buffer.concat([SEGMENT_HEADER, ...frames]);
    if (compact.length < segment.size && this.shelf.has(segment)) {
      await this.replace(segment, compact);
      this.report.detailDropped(records.length);
    }
    segment.isCompact = true;
  }

  private async replace(segment: ShelvedSegment, bytes: Buffer): Promise<void> {
    const draft = draftOf(segment.path);
    await writeFile(draft, bytes, { mode: 0o600, flush: true });
    await rename(draft, segment.path);
    this.shelf.resize(segment, bytes.length);
    // It may have been flushed meanwhile, and would come back.
    if (!this.shelf.has(segment)) await unlink(segment.path);
  }
}
