import { unlink } from 'node:fs/promises';
import type { FlushableSegment } from '../flush/flushable-segments';
import { isAbsence } from './instance-folder';
import type { JournalReport } from './journal-report';
import { readSegment, type SegmentRead } from './segment-reader';

/** Where a closed segment is, and how large. */
export interface SegmentPlace {
  readonly instance: string;
  readonly seq: number;
  /** This run of the program wrote it. */
  readonly isOwn: boolean;
  readonly path: string;
  readonly size: number;
}

/** A closed segment of this process, or of a dead one. */
export class ShelvedSegment implements FlushableSegment {
  readonly instance: string;
  readonly seq: number;
  readonly isOwn: boolean;
  readonly path: string;
  size: number;
  /** Its records have been replaced by their sums. */
  isCompact = false;
  private hasToldDamage = false;

  constructor(
    { instance, seq, isOwn, path, size }: SegmentPlace,
    private readonly shelf: SegmentShelf,
  ) {
    this.instance = instance;
    this.seq = seq;
    this.isOwn = isOwn;
    this.path = path;
    this.size = size;
  }

  async read(): Promise<SegmentRead> {
    try {
      const read = await readSegment(this.path);
      if (!this.hasToldDamage) this.tellDamage(read);
      return read;
    } catch (error) {
      // Never to be taken for an empty one: another process may have it, and count it.
      if (isAbsence(error)) this.shelf.forget(this);
      throw error;
    }
  }

  private tellDamage({ cutBytes, unknown }: SegmentRead): void {
    this.hasToldDamage = true;
    if (cutBytes > 0) this.shelf.report.lost(`${cutBytes} bytes at the end of segment ${this.seq}`);
    if (unknown > 0) this.shelf.report.lost(`${unknown} entries of segment ${this.seq}, of no known kind`);
  }
}

/** The closed segments that this process answers for, in their order. */
export class SegmentShelf {
  private readonly segments = new Map<string, ShelvedSegment>();
  private total = 0;

  constructor(readonly report: JournalReport) {}

  /** Of all segments. */
  get bytes(): number {
    return this.total;
  }

  has(segment: FlushableSegment): boolean {
    return this.segments.has(nameOf(segment));
  }

  /** Does nothing for one that is known. */
  put(place: SegmentPlace): void {
    const segment = new ShelvedSegment(place, this);
    if (this.has(segment)) return;
    this.segments.set(nameOf(segment), segment);
    this.total += segment.size;
  }

  list(): readonly ShelvedSegment[] {
    return [...this.segments.values()];
  }

  resize(segment: ShelvedSegment, size: number): void {
    if (this.has(segment)) this.total += size - segment.size;
    segment.size = size;
  }

  /** Its file is not there any more. */
  forget(segment: ShelvedSegment): void {
    if (this.take(segment)) this.report.lost(`segment ${segment.seq}, whose file is gone`);
  }

  /** Deletes its file; rejects, and the segment stays, where that cannot be. */
  async done(segment: FlushableSegment): Promise<void> {
    const shelved = this.segments.get(nameOf(segment));
    if (!shelved) return;
    await unlink(shelved.path).catch((error: unknown) => {
      if (!isAbsence(error)) throw error;
    });
    this.take(shelved);
  }

  private take(segment: ShelvedSegment): boolean {
    if (!this.segments.delete(nameOf(segment))) return false;
    this.total -= segment.size;
    return true;
  }
}

function nameOf({ instance, seq }: FlushableSegment): string {
  return `${instance} ${seq}`;
}
