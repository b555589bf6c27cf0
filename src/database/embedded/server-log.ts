import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { codeOf } from './embedded-postgres.errors';

const MAX_BYTES = 10 * 1024 * 1024;
const QUOTED_BYTES = 4096;
const QUOTED_LINES = 5;

/** Keeps the server's log bounded and quotes what the latest start wrote into it. */
export class ServerLog {
  private startOffset = 0;

  constructor(private readonly path: string) {}

  /** A handle for the next server to write to; the caller closes it. */
  open(): number {
    if (this.sizeBytes() > MAX_BYTES) renameSync(this.path, `${this.path}.old`);
    const handle = openSync(this.path, 'a', 0o600);
    this.startOffset = fstatSync(handle).size;
    return handle;
  }

  lastLines(): string {
    const size = this.sizeBytes();
    const from = Math.max(this.startOffset, size - QUOTED_BYTES);
    if (size <= from) return `${this.path} is silent`;
    const buffer = Buffer.alloc(size - from);
    const handle = openSync(this.path, 'r');
    try {
      readSync(handle, buffer, 0, buffer.length, from);
    } finally {
      closeSync(handle);
    }
    return buffer.toString('utf8').trim().split('\n').slice(-QUOTED_LINES).join('\n');
  }

  private sizeBytes(): number {
    try {
      return statSync(this.path).size;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return 0;
      throw error;
    }
  }
}
