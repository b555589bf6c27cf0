import { isAbsence, InstanceFolder } from './instance-folder';
import { codeOf, type JournalReport } from './journal-report';
import { SegmentFile } from './segment-file';
import type { SegmentShelf } from './segment-shelf';

/** A segment that has so many is closed. */
const MOST_SEGMENT_BYTES = 4 * 1024 * 1024;

/** The segments that this process writes one after the other, in a folder of its own that it makes when it needs it. */
export class SegmentSeries {
  private own: InstanceFolder | null = null;
  private seq = 0;
  private file: SegmentFile | null = null;
  private syncing: Promise<void> = Promise.resolve();

  constructor(
    private readonly root: string,
    private readonly shelf: SegmentShelf,
    private readonly report: JournalReport,
  ) {}

  /** Null until there is one. */
  get folder(): InstanceFolder | null {
    return this.own;
  }

  /** Of the segment that is being written. */
  get openBytes(): number {
    return this.file?.size ?? 0;
  }

  /** Makes it where there is none; throws when that cannot be. */
  ensureFolder(): InstanceFolder {
    if (!this.own) {
      this.own = InstanceFolder.create(this.root);
      this.seq = 0;
    }
    return this.own;
  }

  /** Takes a frame, which the death of the process does not lose any more; throws when it could not be written. */
  append(frame: Buffer): void {
    this.file ??= this.open();
    try {
      this.file.append(frame);
    } catch (error) {
      this.close();
      throw error;
    }
    if (this.openBytes >= MOST_SEGMENT_BYTES) this.close();
  }

  /** Closes the segment that is being written, if any; it is on the shelf at once, and on the disk a moment later. */
  close(): void {
    const { file, own } = this;
    this.file = null;
    if (!file || !own) return;
    if (file.isEmpty) file.discard();
    else {
      this.shelf.put({ instance: own.instance, seq: this.seq, isOwn: true, path: file.path, size: file.size });
      this.follow(file.finish());
    }
  }

  /** Brings to the disk all that was taken so far; where it may not be there, that has been reported. */
  sync(): Promise<void> {
    if (this.file) this.follow(this.file.sync());
    return this.syncing;
  }

  /** Tells others that the folder has an owner. Where it is gone, or another's, what comes goes to a new one. */
  async beat(): Promise<void> {
    const { own } = this;
    if (own && !(await own.beat())) this.leave(own);
  }

  private leave(folder: InstanceFolder): void {
    if (this.own !== folder) return;
    this.report.lost('what was not yet flushed: its folder is gone');
    if (this.file) this.follow(this.file.finish());
    this.file = null;
    this.own = null;
  }

  private open(): SegmentFile {
    try {
      return this.openNext();
    } catch (error) {
      if (!this.own || !isAbsence(error)) throw error;
      this.leave(this.own);
      return this.openNext();
    }
  }

  private openNext(): SegmentFile {
    const folder = this.ensureFolder();
    this.seq += 1;
    return SegmentFile.create(folder.segmentPath(this.seq));
  }

  /** What of the segment that is being written is on its way to the disk. */
  private follow(written: Promise<void>): void {
    const { seq } = this;
    const settled = written.catch((error: unknown) => {
      this.report.lost(`segment ${seq}, should the power fail: it could not be synced (${codeOf(error)})`);
    });
    this.syncing = this.syncing.then(() => settled);
  }
}
