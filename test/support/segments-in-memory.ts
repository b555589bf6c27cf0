import { randomUUID } from 'node:crypto';
import {
  type FlushableSegment,
  FlushableSegments,
  type SegmentContent,
} from '../../src/usage/flush/flushable-segments';
import type { RequestRecord } from '../../src/usage/request-record';
import type { UsageSum } from '../../src/usage/request-sums';

/** A segment in memory. */
export function aSegment(
  records: readonly RequestRecord[],
  given: { instance?: string; seq?: number; sums?: readonly UsageSum[] } = {},
): FlushableSegment {
  const content: SegmentContent = { records, sums: given.sums ?? [] };
  const { instance = randomUUID(), seq = 1 } = given;
  return { instance, seq, isOwn: true, read: () => Promise.resolve(content) };
}

/** Closed segments without a journal, put there by a test. */
export class SegmentsInMemory extends FlushableSegments {
  private segments: readonly FlushableSegment[] = [];

  get size(): number {
    return this.segments.length;
  }

  put(...segments: readonly FlushableSegment[]): void {
    this.segments = [...this.segments, ...segments];
  }

  override list(): Promise<readonly FlushableSegment[]> {
    return Promise.resolve(this.segments);
  }

  override done(segment: FlushableSegment): Promise<void> {
    this.segments = this.segments.filter((one) => one !== segment);
    return Promise.resolve();
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }
}
