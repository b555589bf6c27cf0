import { mapInSlices } from '../../common/in-slices';
import type { KeyUsageDelta } from '../../keys/key-usage';
import { RequestSums, type UsageSum } from '../request-sums';
import type { FlushableSegment } from './flushable-segments';
import { type LogRow, logRow } from './log-row';
import { inOrder, keyDeltas, type TokenUsageDelta, tokenDeltas } from './usage-deltas';

/** What the database gets of one segment. */
export interface SegmentBatch {
  readonly instance: string;
  readonly seq: number;
  /** This run of the program wrote it. */
  readonly isOwn: boolean;
  readonly logs: readonly LogRow[];
  readonly hours: readonly UsageSum[];
  readonly tokens: readonly TokenUsageDelta[];
  readonly keys: readonly KeyUsageDelta[];
}

/** Reads a segment and sums it up, without holding up the event loop; rejects when it cannot be read. */
export async function batchOf(segment: FlushableSegment): Promise<SegmentBatch> {
  const content = await segment.read();
  const sums = new RequestSums();
  for (const sum of content.sums) sums.addSum(sum);
  const logs = await mapInSlices(content.records, (record) => {
    sums.add(record);
    return logRow(record);
  });
  const hours = inOrder(sums.list());
  const { instance, seq, isOwn } = segment;
  return { instance, seq, isOwn, logs, hours, tokens: tokenDeltas(hours), keys: keyDeltas(hours) };
}
