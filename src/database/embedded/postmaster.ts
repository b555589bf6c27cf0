import type { ChildProcess } from 'node:child_process';
import { closeSync, readFileSync, rmSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeAuthenticationFiles } from './authentication-files';
import type { ChildLauncher } from './child-launcher';
import type { DataLayout } from './data-layout';
import { EmbeddedPostgresError } from './embedded-postgres.errors';
import { isAlive, servesCluster } from './process-table';
import { ServerLog } from './server-log';
import { serverArguments } from './server-settings';

const FAST_SHUTDOWN_TIMEOUT_MS = 60_000;
const IMMEDIATE_SHUTDOWN_TIMEOUT_MS = 15_000;
const POLL_MS = 20;
const EMPTY_LOCK_AGE_MS = 10_000;

/** The one server process of a cluster, whoever started it: starts it, finds it by its pid file, stops it. */
export class Postmaster {
  private readonly log: ServerLog;
  private child: ChildProcess | null = null;
  private launchFailure: string | null = null;

  constructor(
    private readonly layout: DataLayout,
    private readonly launcher: ChildLauncher,
    private readonly program: string,
  ) {
    this.log = new ServerLog(layout.log);
  }

  isRunning(): boolean {
    return this.child !== null || this.findPid() !== null;
  }

  async start(): Promise<void> {
    const authentication = await writeAuthenticationFiles(this.layout, this.launcher.account);
    await this.layout.prepareSocketFolder(this.launcher.account);
    for (const path of [this.layout.pidFile, this.layout.socketLock]) this.removeForeignLock(path);
    const log = this.log.open();
    const args = serverArguments(this.layout, authentication);
    try {
      this.watch(this.launcher.launch(this.program, args, ['ignore', log, log], true));
    } finally {
      closeSync(log);
    }
  }

  /** What the server said last, for an error message. */
  lastWords(): string {
    return this.launchFailure ?? this.log.lastLines();
  }

  /** Ends the server with a checkpoint and returns once it is gone. */
  async stop(): Promise<void> {
    // A child of ours that has not written its pid file yet has no other address.
    const pid = this.findPid() ?? this.child?.pid ?? null;
    if (pid === null) return;
    const isGone = (): boolean => !servesCluster(pid, this.layout.cluster) && this.child?.pid !== pid;
    signal(pid, 'SIGINT');
    if (await waitUntil(isGone, FAST_SHUTDOWN_TIMEOUT_MS)) return;
    // Safe for the data: the next start replays the write-ahead log.
    signal(pid, 'SIGQUIT');
    if (await waitUntil(isGone, IMMEDIATE_SHUTDOWN_TIMEOUT_MS)) return;
    throw new EmbeddedPostgresError(`PostgreSQL (process ${pid}) on ${this.layout.dataDir} does not stop`);
  }

  private watch(child: ChildProcess): void {
    this.child = child;
    this.launchFailure = null;
    child.unref();
    child.once('error', (error) => {
      this.launchFailure = error.message;
      this.child = null;
    });
    child.once('exit', () => {
      this.child = null;
    });
  }

  private findPid(): number | null {
    const pid = readPid(this.layout.pidFile);
    return pid !== null && servesCluster(pid, this.layout.cluster) ? pid : null;
  }

  // PostgreSQL forgives a lock of a dead process. It refuses to start when the pid has gone to another program of the
  // same user (always, in a restarted container) or when a power cut left the file empty.
  private removeForeignLock(path: string): void {
    const pid = readPid(path);
    const isForeign = pid === null ? isLongEmpty(path) : isAlive(pid) && !servesCluster(pid, this.layout.cluster);
    if (isForeign) rmSync(path, { force: true });
  }
}

function readPid(path: string): number | null {
  try {
    // In the socket's lock file and while stopping the number may carry a sign.
    const pid = Math.abs(Number.parseInt(readFileSync(path, 'utf8'), 10));
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

function isLongEmpty(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.size === 0 && Date.now() - stats.mtimeMs > EMPTY_LOCK_AGE_MS;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended meanwhile.
  }
}

async function waitUntil(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}
