import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load-config';
import { KeymuxServer } from '../../src/server';
import { AdminClient } from './admin-client';
import { createTestDatabase, type TestDatabase } from './test-database';

type Environment = Readonly<Record<string, string>>;

/** The whole program on a real port and a database of its own; a restart keeps database, secrets and environment. */
export class AppUnderTest {
  private constructor(
    private server: KeymuxServer,
    private readonly database: TestDatabase,
    readonly dataDir: string,
    private readonly environment: Environment,
  ) {}

  static async start(environment: Environment = {}): Promise<AppUnderTest> {
    const database = await createTestDatabase();
    const dataDir = await mkdtemp(join(tmpdir(), 'keymux-app-'));
    const complete = {
      PORT: '0',
      HOST: '127.0.0.1',
      DATA_DIR: dataDir,
      DATABASE_URL: databaseUrl(database),
      ADMIN_TOKEN: `admin-${randomBytes(16).toString('hex')}`,
      UPSTREAM_ALLOW: '127.0.0.1',
      EXPOSE_ROUTE_HEADERS: 'true',
      LOG_LEVEL: 'error',
      KEY_USAGE_FLUSH: '50ms',
      SHUTDOWN_TIMEOUT: '2s',
      ...environment,
    };
    return new AppUnderTest(await KeymuxServer.start(loadConfig(complete).config), database, dataDir, complete);
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.server.port}`;
  }

  get adminToken(): string {
    return this.environment['ADMIN_TOKEN'] ?? '';
  }

  get databaseUrl(): string {
    return this.environment['DATABASE_URL'] ?? '';
  }

  get admin(): AdminClient {
    return new AdminClient(this.baseUrl, this.adminToken);
  }

  async restart(): Promise<void> {
    await this.server.stop();
    this.server = await KeymuxServer.start(loadConfig(this.environment).config);
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await this.database.drop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

function databaseUrl({ connection }: TestDatabase): string {
  const query = new URLSearchParams({ host: connection.host, port: String(connection.port) });
  return `postgres://${connection.user}@localhost/${connection.database}?${query.toString()}`;
}
