import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres';
import { AdminClient } from './admin-client';
import { findPostmasterPid } from './embedded-playground';
import { eventually } from './eventually';

const REPOSITORY = resolve(__dirname, '..', '..');
const MAIN = join(REPOSITORY, 'dist', 'main.js');

type Environment = Readonly<Record<string, string>>;

/** The built program in a process of its own, on whatever port it finds, and all that it ever said. */
export class Program {
  private said = '';
  private readonly exit: Promise<number | null>;

  private constructor(
    readonly dataDir: string,
    private readonly child: ChildProcess,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.said += text));
    }
    this.exit = once(child, 'close').then(([code]) => code as number | null);
  }

  /** Returns at once; the environment is this one and no more. */
  static async launch(dataDir: string, environment: Environment = {}): Promise<Program> {
    if (!existsSync(MAIN)) await promisify(execFile)('npx', ['nest', 'build'], { cwd: REPOSITORY });
    const env = { PORT: '0', HOST: '127.0.0.1', DATA_DIR: dataDir, UPSTREAM_ALLOW: '127.0.0.1', ...environment };
    const child = spawn(process.execPath, [MAIN], { cwd: REPOSITORY, env, stdio: ['ignore', 'pipe', 'pipe'] });
    return new Program(dataDir, child);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get output(): string {
    return this.said;
  }

  get baseUrl(): string {
    const port = /Listening on port (\d+)/.exec(this.said)?.[1];
    if (port === undefined) throw new Error(`not listening yet: ${this.said}`);
    return `http://127.0.0.1:${port}`;
  }

  async admin(): Promise<AdminClient> {
    return new AdminClient(this.baseUrl, await this.secret('admin-token'));
  }

  /** What a secret file of the program holds. */
  async secret(name: string): Promise<string> {
    return (await readFile(join(this.dataDir, name), 'utf8')).trim();
  }

  async ready(): Promise<void> {
    await eventually(async () => {
      if (this.child.exitCode !== null) return;
      const response = await fetch(`${this.baseUrl}/readyz`);
      if (response.status !== 200) throw new Error(`/readyz answers ${response.status}`);
    });
    if (this.child.exitCode !== null) throw new Error(`it ended with ${this.child.exitCode}: ${this.said}`);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** The exit code once it has ended; null when a signal ended it. */
  ended(): Promise<number | null> {
    return this.exit;
  }

  async end(name: NodeJS.Signals): Promise<number | null> {
    this.signal(name);
    return this.exit;
  }
}

/** Gives each test a DATA_DIR and leaves neither it nor a server on it behind. */
export class ProgramFolders {
  private readonly folders: string[] = [];
  private readonly programs: Program[] = [];

  async make(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'keymux-program-'));
    // Under root the database server is another user, who must be able to pass.
    await chmod(folder, 0o711);
    this.folders.push(folder);
    return join(folder, 'data');
  }

  async launch(dataDir: string, environment: Environment = {}): Promise<Program> {
    const program = await Program.launch(dataDir, environment);
    this.programs.push(program);
    return program;
  }

  async start(dataDir: string, environment: Environment = {}): Promise<Program> {
    const program = await this.launch(dataDir, environment);
    await program.ready();
    return program;
  }

  async clean(): Promise<void> {
    for (const program of this.programs.splice(0)) await program.end('SIGKILL');
    for (const folder of this.folders.splice(0)) {
      const dataDir = join(folder, 'data');
      // A server whose program was killed is adopted to be stopped.
      if ((await findPostmasterPid(dataDir)) !== null) await (await EmbeddedPostgres.start(dataDir)).stop();
      await rm(folder, { recursive: true, force: true });
    }
  }
}
