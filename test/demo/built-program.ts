import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { AdminClient } from '../support/admin-client';

const MAIN = resolve(__dirname, '..', '..', 'dist', 'main.js');
const READY = /Listening on port (\d+)/;
const LONGEST_START_MS = 60_000;
const LONGEST_STOP_MS = 20_000;
const MOST_LOG_CHARACTERS = 1_000_000;
const INHERITED = ['PATH', 'HOME', 'LANG', 'TMPDIR'];

type Program = ChildProcessByStdio<null, Readable, Readable>;

interface ProgramOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Arguments of Node itself, before the program's file. */
  readonly nodeArguments?: readonly string[];
}

/** The built program as a process of its own, on a free port and the embedded database in a folder that goes with it. */
export class BuiltProgram {
  private output = '';
  private port = 0;
  private token = '';

  private constructor(
    private readonly process: Program,
    private readonly folder: string,
  ) {
    const keep = (text: Buffer): void => {
      this.output = `${this.output}${text.toString()}`.slice(-MOST_LOG_CHARACTERS);
    };
    process.stdout.on('data', keep);
    process.stderr.on('data', keep);
  }

  static async start({ environment = {}, nodeArguments = [] }: ProgramOptions = {}): Promise<BuiltProgram> {
    if (!existsSync(MAIN)) throw new Error('There is no built program: run `npm run build` first');
    const folder = await mkdtemp(join(tmpdir(), 'keymux-program-'));
    // Under root the database is another user, who must be able to pass.
    await chmod(folder, 0o711);
    const dataDir = join(folder, 'data');
    const env = {
      ...inherited(),
      PORT: '0',
      HOST: '127.0.0.1',
      DATA_DIR: dataDir,
      UPSTREAM_ALLOW: '127.0.0.1',
      ...environment,
    };
    const child = spawn(process.execPath, [...nodeArguments, MAIN], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const program = new BuiltProgram(child, folder);
    try {
      await program.waitUntilReady();
      program.token = (await readFile(join(dataDir, 'admin-token'), 'utf8')).trim();
      return program;
    } catch (error) {
      await program.stop();
      throw error;
    }
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  get dataDir(): string {
    return join(this.folder, 'data');
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get admin(): AdminClient {
    return new AdminClient(this.baseUrl, this.token);
  }

  /** What it has printed. */
  get log(): string {
    return this.output;
  }

  /** Asks it to stop, insists if it does not, and removes its folder. */
  async stop(): Promise<void> {
    if (this.isRunning) {
      const exited = once(this.process, 'exit');
      this.process.kill('SIGTERM');
      const insisting = setTimeout(() => this.process.kill('SIGKILL'), LONGEST_STOP_MS);
      await exited;
      clearTimeout(insisting);
    }
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private get isRunning(): boolean {
    return this.process.pid !== undefined && this.process.exitCode === null && this.process.signalCode === null;
  }

  private async waitUntilReady(): Promise<void> {
    const deadline = performance.now() + LONGEST_START_MS;
    while (this.port === 0) {
      if (!this.isRunning || performance.now() > deadline) throw new Error(`Keymux did not start:\n${this.output}`);
      await sleep(20);
      this.port = Number(READY.exec(this.output)?.[1] ?? 0);
    }
  }
}

/** Settings of the caller's shell must not reach the program. */
function inherited(): Record<string, string> {
  return Object.fromEntries(
    INHERITED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
