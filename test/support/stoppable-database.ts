import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedConnection, EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres';

/** A PostgreSQL of one test's own, which can be stopped and started again. */
export class StoppableDatabase {
  private constructor(
    readonly folder: string,
    private server: EmbeddedPostgres,
  ) {}

  static async start(): Promise<StoppableDatabase> {
    const folder = await mkdtemp(join(tmpdir(), 'keymux-database-'));
    // Under root the server is another user, who must be able to pass.
    await chmod(folder, 0o711);
    return new StoppableDatabase(folder, await EmbeddedPostgres.start(join(folder, 'data')));
  }

  get connection(): EmbeddedConnection {
    return this.server.connection;
  }

  get url(): string {
    const { host, port, user, database } = this.connection;
    return `postgres://${user}@localhost/${database}?${new URLSearchParams({ host, port: String(port) }).toString()}`;
  }

  async shutDown(): Promise<void> {
    await this.server.stop();
  }

  async startAgain(): Promise<void> {
    this.server = await EmbeddedPostgres.start(join(this.folder, 'data'));
  }

  /** Nothing is left of it. */
  async stop(): Promise<void> {
    await this.shutDown();
    await rm(this.folder, { recursive: true, force: true });
  }
}
