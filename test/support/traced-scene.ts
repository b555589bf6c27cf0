import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClientConfig } from 'pg';
import { canaryKeys, expectNoCanary, expectNoCanaryBelow } from './canary';
import { dumpRows } from './database-rows';
import { eventually } from './eventually';
import { FakeUpstream } from './fake-upstream';
import { type Program, ProgramFolders } from './program';
import { RelayClient } from './relay-client';
import { TracedLoad } from './traced-load';
import { UsageAudit } from './usage-audit';

const POOL_KEYS = 40;

type Environment = Readonly<Record<string, string>>;

interface ExternalDatabase {
  readonly url: string;
  /** For the test's own questions. */
  readonly connection: ClientConfig;
  /** Nothing is left of it. */
  stop(): Promise<void>;
}

/** Built programs on one DATA_DIR and one external database, whose callers and upstream keep account of each request. */
export class TracedScene {
  readonly load: TracedLoad;
  readonly audit: UsageAudit;
  private readonly programs: Program[] = [];
  private token: string | null = null;

  private constructor(
    private readonly database: ExternalDatabase,
    readonly upstream: FakeUpstream,
    private readonly folders: ProgramFolders,
    readonly dataDir: string,
  ) {
    this.load = new TracedLoad(upstream);
    this.audit = new UsageAudit(database.connection, this.load);
  }

  /** The database is the scene's from now on. */
  static async open(database: ExternalDatabase): Promise<TracedScene> {
    const folders = new ProgramFolders();
    return new TracedScene(database, await FakeUpstream.start({ keepLedger: false }), folders, await folders.make());
  }

  get journal(): string {
    return join(this.dataDir, 'journal');
  }

  /** Does not wait for the program. */
  async launch(environment: Environment = {}): Promise<Program> {
    const program = await this.folders.launch(this.dataDir, {
      DATABASE_URL: this.database.url,
      LOG_LEVEL: 'debug',
      ...environment,
    });
    this.programs.push(program);
    return program;
  }

  async start(environment: Environment = {}): Promise<Program> {
    const program = await this.launch(environment);
    await program.ready();
    this.token ??= await this.furnish(program);
    return program;
  }

  relayOf(program: Program): RelayClient {
    return new RelayClient(program.baseUrl, this.token ?? '');
  }

  /** The segments in the journal, by their paths below it. Rejects when one goes away just then. */
  async segments(): Promise<string[]> {
    const paths = existsSync(this.journal) ? await readdir(this.journal, { recursive: true }) : [];
    return paths.filter((path) => path.endsWith('.seg'));
  }

  /** Everything recorded so far is in the database; resolves with how long that took. */
  async caughtUp(): Promise<number> {
    const startMs = performance.now();
    await eventually(async () => {
      expect(await this.segments()).toEqual([]);
    });
    return performance.now() - startMs;
  }

  /** In no file, no table, and nothing that a program said. */
  async expectNoCanary(): Promise<void> {
    expect(await expectNoCanaryBelow(this.dataDir)).toBeGreaterThan(0);
    expectNoCanary(await dumpRows(this.database.connection), 'the database');
    for (const { output } of this.programs) expectNoCanary(output, 'what the program said');
  }

  async close(): Promise<void> {
    await this.folders.clean();
    await this.upstream.stop();
    await this.database.stop();
  }

  /** Makes what callers need; answers their token. */
  private async furnish(program: Program): Promise<string> {
    const admin = await program.admin();
    await admin.createChannel({ baseUrl: this.upstream.baseUrl, keys: canaryKeys(POOL_KEYS), is_multi_key: true });
    return admin.createToken();
  }
}
