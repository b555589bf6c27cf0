import { closeSync, fdatasync, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { SEGMENT_HEADER } from './segment-format';

/**
 * The segment that is being written. What `append` has taken is in the page cache: the death of the process does not lose
 * it. `sync` and `finish` bring it to the disk, so that a power cut does not either.
 */
export class SegmentFile {
  private length = 0;
  private syncedLength = 0;
  private syncing: Promise<void> = Promise.resolve();

  private constructor(
    readonly path: string,
    private readonly descriptor: number,
  ) {}

  /** Throws where the file cannot be made, or is already there. */
  static create(path: string): SegmentFile {
    const file = new SegmentFile(path, openSync(path, 'wx', 0o600));
    try {
      file.append(SEGMENT_HEADER);
    } catch (error) {
      file.discard();
      throw error;
    }
    return file;
  }

  /** In bytes. */
  get size(): number {
    return this.length;
  }

  get isEmpty(): boolean {
    return this.length === SEGMENT_HEADER.length;
  }

  /** Takes one whole frame; throws when it could not be written, and then it does not count. */
  append(frame: Buffer): void {
    try {
      for (let written = 0; written < frame.length;) {
        written += writeSync(this.descriptor, frame, written, frame.length - written, this.length + written);
      }
    } catch (error) {
      ftruncateSync(this.descriptor, this.length);
      throw error;
    }
    this.length += frame.length;
  }

  /** Brings to the disk what is not there yet; rejects, once, when that may not be on it. */
  sync(): Promise<void> {
    const synced = this.syncing.then(() => this.syncNow());
    this.syncing = synced.catch(() => undefined);
    return synced;
  }

  /** Takes nothing more; rejects when what it has may not be on the disk. */
  finish(): Promise<void> {
    return this.sync().finally(() => {
      closeSync(this.descriptor);
    });
  }

  /** The file is gone, with what little it has. */
  discard(): void {
    closeSync(this.descriptor);
    unlinkSync(this.path);
  }

  private async syncNow(): Promise<void> {
    const { length, syncedLength } = this;
    if (length === syncedLength) return;
    // Also where it fails: what the system could not write it takes for written, and a second try would succeed.
    this.syncedLength = length;
    await promisify(fdatasync)(this.descriptor);
    if (syncedLength === 0) await this.syncFolder();
  }

  /** A file whose folder does not know it would be lost all the same. */
  private async syncFolder(): Promise<void> {
    const folder = await open(dirname(this.path), 'r');
    await folder.sync().finally(() => folder.close());
  }
}
