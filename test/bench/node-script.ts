import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

const MODULES = resolve(__dirname, '..', '..', 'node_modules');

/**
 * A server of this folder in a process of its own, on the ports it printed.
 * Compiled beforehand, so that the process carries no compiler.
 */
export class NodeScript {
  private constructor(
    private readonly process: ChildProcessByStdio<Writable, Readable, null>,
    readonly baseUrls: readonly string[],
  ) {}

  /** `folder` holds the compiled file; it must outlive the process. */
  static async start(folder: string, name: string, ...scriptArguments: readonly string[]): Promise<NodeScript> {
    const file = await compileScript(folder, name);
    const env = { PATH: process.env['PATH'], NODE_PATH: MODULES };
    const child = spawn(process.execPath, [file, ...scriptArguments], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown];
    const ports = /^ports ([\d ]+)/.exec(String(line))?.[1];
    if (ports === undefined) throw new Error(`${name} did not start`);
    return new NodeScript(
      child,
      ports.split(' ').map((port) => `http://127.0.0.1:${port}`),
    );
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exited = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exited;
  }
}

/** Compiles a script of this folder to a file in `folder`, and answers its path. */
export async function compileScript(folder: string, name: string): Promise<string> {
  const source = await readFile(join(__dirname, `${name}.ts`), 'utf8');
  const compilerOptions = { target: ScriptTarget.ES2023, module: ModuleKind.CommonJS, esModuleInterop: true };
  const file = join(folder, `${name}.js`);
  await writeFile(file, transpileModule(source, { compilerOptions }).outputText);
  return file;
}
