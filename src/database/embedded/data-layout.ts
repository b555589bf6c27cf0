import { constants, closeSync, openSync } from 'node:fs';
import { chmod, chown, mkdir, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EmbeddedPostgresError, messageOf } from './embedded-postgres.errors';
import type { Account } from './unprivileged-user';

// Only a file name: the server never listens on a TCP port.
export const SOCKET_PORT = 5432;
const SOCKET_FILE = `.s.PGSQL.${SOCKET_PORT}`;
const LONGEST_SOCKET_PATH_BYTES = process.platform === 'linux' ? 107 : 103;

/** Knows where everything of the embedded PostgreSQL lies inside DATA_DIR and keeps its folders private. */
export class DataLayout {
  readonly cluster: string;
  readonly socketFolder: string;
  readonly authenticationFolder: string;
  readonly log: string;
  private socketFolderHandle: number | null = null;

  private constructor(readonly dataDir: string) {
    this.cluster = join(dataDir, 'postgres');
    this.socketFolder = join(dataDir, 'postgres-socket');
    this.authenticationFolder = join(dataDir, 'postgres-auth');
    this.log = join(dataDir, 'postgres.log');
  }

  static async prepare(dataDir: string): Promise<DataLayout> {
    const absolute = resolve(dataDir);
    try {
      // Root's server runs as another user, who must pass through. 0711 lets it pass but read nothing; behind 0700 it
      // would need a capability that lets it read every file of the machine, the keys beside it included.
      const mode = process.getuid?.() === 0 ? 0o711 : 0o700;
      const created = await mkdir(absolute, { recursive: true, mode });
      if (created !== undefined) await chmod(absolute, mode);
      return new DataLayout(await realpath(absolute));
    } catch (error) {
      throw new EmbeddedPostgresError(`cannot make the data folder ${absolute}: ${messageOf(error)}`);
    }
  }

  get socketLock(): string {
    return join(this.socketFolder, `${SOCKET_FILE}.lock`);
  }

  get pidFile(): string {
    return join(this.cluster, 'postmaster.pid');
  }

  async prepareSocketFolder(owner: Account | null): Promise<void> {
    await mkdir(this.socketFolder, { recursive: true, mode: 0o700 });
    await chmod(this.socketFolder, 0o700);
    if (owner !== null) await chown(this.socketFolder, owner.uid, owner.gid);
  }

  /** A folder name for clients of this process that is short enough for a unix socket's address. */
  openSocketFolder(): string {
    const path = join(this.socketFolder, SOCKET_FILE);
    if (Buffer.byteLength(path) <= LONGEST_SOCKET_PATH_BYTES) return this.socketFolder;
    if (process.platform !== 'linux') {
      throw new EmbeddedPostgresError(
        `the socket path ${path} is longer than ${LONGEST_SOCKET_PATH_BYTES} bytes; use a shorter DATA_DIR`,
      );
    }
    // The driver takes only names that begin with a slash for sockets, so a relative path will not do; an open handle
    // has a short absolute name, whatever becomes of the working directory.
    this.socketFolderHandle ??= openSync(this.socketFolder, constants.O_RDONLY | constants.O_DIRECTORY);
    return `/proc/self/fd/${this.socketFolderHandle}`;
  }

  closeSocketFolder(): void {
    if (this.socketFolderHandle !== null) closeSync(this.socketFolderHandle);
    this.socketFolderHandle = null;
  }
}
