import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres';
import type { EmbeddedConnection } from '../../src/database/embedded/embedded-postgres';
import { findPostgresPackage } from '../../src/database/embedded/postgres-binaries';

const REPOSITORY = resolve(__dirname, '..', '..');
const APP = `
  const { EmbeddedPostgres } = require('./src/database/embedded/embedded-postgres');
  EmbeddedPostgres.start(process.argv[1]).then(
    () => { console.log('ready'); setInterval(() => undefined, 1000); },
    (error) => { console.log(error.name + ': ' + error.message); process.exitCode = 1; },
  );
`;

export interface AppProcess {
  readonly process: ChildProcess;
  /** The first line it printed: ready, or why it is not. */
  readonly outcome: string;
}

/** Gives each test folders, servers and app processes of its own and leaves nothing of them behind. */
export class EmbeddedPlayground {
  private readonly folders: string[] = [];
  private readonly servers: EmbeddedPostgres[] = [];
  private readonly apps: ChildProcess[] = [];

  /** A folder that other users can pass, unlike what mkdtemp makes. */
  async makeFolder(mode = 0o711): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'keymux-embedded-'));
    this.folders.push(folder);
    await chmod(folder, mode);
    return folder;
  }

  async makeDataDir(): Promise<string> {
    return join(await this.makeFolder(), 'data');
  }

  async copyPackage(folder: string): Promise<string> {
    const copy = join(folder, 'package');
    await cp(findPostgresPackage(), copy, { recursive: true, verbatimSymlinks: true });
    return copy;
  }

  async start(dataDir: string, packageFolder?: string): Promise<EmbeddedPostgres> {
    const server = await EmbeddedPostgres.start(dataDir, packageFolder);
    this.servers.push(server);
    return server;
  }

  /** Another process that starts the server, as a second Keymux would. */
  async startApp(dataDir: string): Promise<AppProcess> {
    const args = ['-r', 'ts-node/register/transpile-only', '-e', APP, dataDir];
    const app = spawn(process.execPath, args, { cwd: REPOSITORY, stdio: ['ignore', 'pipe', 'inherit'] });
    this.apps.push(app);
    const [line] = (await once(app.stdout, 'data')) as [Buffer];
    return { process: app, outcome: line.toString('utf8').trim() };
  }

  async clean(): Promise<void> {
    for (const app of this.apps.splice(0)) await kill(app);
    for (const server of this.servers.splice(0)) await server.stop();
    for (const folder of this.folders.splice(0)) {
      await this.stopOrphan(join(folder, 'data'));
      await rm(folder, { recursive: true, force: true });
    }
  }

  // A server whose app was killed by the test is adopted to be stopped.
  private async stopOrphan(dataDir: string): Promise<void> {
    if ((await findPostmasterPid(dataDir)) !== null) await (await EmbeddedPostgres.start(dataDir)).stop();
  }
}

export async function kill(app: ChildProcess): Promise<void> {
  if (app.exitCode !== null || app.signalCode !== null) return;
  app.kill('SIGKILL');
  await once(app, 'exit');
}

export async function findPostmasterPid(dataDir: string): Promise<number | null> {
  try {
    return Number.parseInt(await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8'), 10);
  } catch {
    return null;
  }
}

export async function query(connection: EmbeddedConnection, statement: string): Promise<Record<string, unknown>[]> {
  const client = new Client(connection);
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

export async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
}
