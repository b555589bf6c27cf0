import type { RequestRecord } from '../request-record';
import type { UsageSum } from '../request-sums';

/** What a segment holds: requests, and sums of requests whose details are gone. */
export interface SegmentContent {
  readonly records: readonly RequestRecord[];
  readonly sums: readonly UsageSum[];
}

/** A closed part of a journal, which counts as a whole and once. */
export interface FlushableSegment {
  /** UUID of the program's run that wrote it. */
  readonly instance: string;
  /** Its number among those of its instance. */
  readonly seq: number;
  /** This run of the program wrote it. */
  readonly isOwn: boolean;
  /** The same each time; rejects when it cannot be read. When it is gone for good, `list` does not have it any more. */
  read(): Promise<SegmentContent>;
}

/** The closed segments that wait to be written to the database. */
export abstract class FlushableSegments {
  /** Those that this process answers for, each instance's in their order. */
  abstract list(): Promise<readonly FlushableSegment[]>;

  /** The database has it, for good. Rejects when it could not be deleted. */
  abstract done(segment: FlushableSegment): Promise<void>;

  /**
   * Closes the segment that is being written, if anything is in it, so that `list` has all there is. Left alone it grows, to
   * 4 MiB: few large segments are brought to the database and summed up sooner than many small ones.
   */
  abstract close(): Promise<void>;
}
