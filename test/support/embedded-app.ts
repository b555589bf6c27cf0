import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load-config';
import { type EmbeddedConnection, EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres';
import { KeymuxServer } from '../../src/server';

/** The whole program with its database inside DATA_DIR, so that everything it stores lies in one folder. */
export class EmbeddedApp {
  readonly adminToken = `admin-${randomBytes(16).toString('hex')}`;
  private server: KeymuxServer | null = null;

  private constructor(
    private readonly embedded: EmbeddedPostgres,
    readonly folder: string,
  ) {}

  static async start(): Promise<EmbeddedApp> {
    const folder = await mkdtemp(join(tmpdir(), 'keymux-embedded-app-'));
    // Under root the server is another user, who must be able to pass.
    await chmod(folder, 0o711);
    const app = new EmbeddedApp(await EmbeddedPostgres.start(join(folder, 'data')), folder);
    const { config } = loadConfig({
      PORT: '0',
      HOST: '127.0.0.1',
      DATA_DIR: join(folder, 'data'),
      DATABASE_URL: app.databaseUrl,
      ADMIN_TOKEN: app.adminToken,
      UPSTREAM_ALLOW: '127.0.0.1',
      LOG_LEVEL: 'debug',
      KEY_USAGE_FLUSH: '50ms',
      SHUTDOWN_TIMEOUT: '2s',
    });
    app.server = await KeymuxServer.start(config);
    return app;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.server?.port ?? 0}`;
  }

  get connection(): EmbeddedConnection {
    return this.embedded.connection;
  }

  /** Stops program and database, so that all is written to disk; the folder stays until `remove`. */
  async stop(): Promise<void> {
    await this.server?.stop();
    await this.embedded.stop();
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Each file under DATA_DIR, by its path, with its bytes. */
  async *files(): AsyncGenerator<[path: string, content: Buffer]> {
    for (const entry of await readdir(this.folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      yield [path, await readFile(path)];
    }
  }

  private get databaseUrl(): string {
    const { host, port, user, database } = this.embedded.connection;
    const query = new URLSearchParams({ host, port: String(port) });
    return `postgres://${user}@localhost/${database}?${query.toString()}`;
  }
}
