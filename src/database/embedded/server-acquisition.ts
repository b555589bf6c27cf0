import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientConfig } from 'pg';
import { DataDirInUseError, EmbeddedPostgresError } from './embedded-postgres.errors';
import type { Postmaster } from './postmaster';
import type { LockRefusal } from './running-lock';
import { RunningLock } from './running-lock';

const POLL_MS = 30;
// A killed app's lock goes with its connection, an instant later.
const HELD_PATIENCE_MS = 2_000;
const ABSENT_PATIENCE_MS = 60_000;
// Crash recovery takes as long as the disk needs.
const NOT_READY_PATIENCE_MS = 300_000;
const MAX_STARTS = 4;
const RESTART_DELAY_MS = 500;

/** Brings one data folder's server up, or finds it up, and takes the lock that makes this app its only user. */
export class ServerAcquisition {
  private readonly beganAtMs = Date.now();
  private starts = 0;

  constructor(
    private readonly server: Postmaster,
    private readonly connection: ClientConfig,
    private readonly dataDir: string,
    private readonly signal: AbortSignal,
  ) {}

  async run(): Promise<RunningLock> {
    for (;;) {
      const attempt = await RunningLock.attempt(this.connection);
      if (attempt instanceof RunningLock) return attempt;
      this.checkPatience(attempt);
      if (attempt === 'absent' && !this.server.isRunning()) await this.start();
      await sleep(POLL_MS, undefined, { signal: this.signal });
    }
  }

  private checkPatience(refusal: LockRefusal): void {
    const waitedMs = Date.now() - this.beganAtMs;
    if (refusal === 'held' && waitedMs > HELD_PATIENCE_MS) throw new DataDirInUseError(this.dataDir);
    if (waitedMs > (refusal === 'absent' ? ABSENT_PATIENCE_MS : NOT_READY_PATIENCE_MS)) {
      throw new EmbeddedPostgresError(
        `PostgreSQL runs on ${this.dataDir} but does not answer: ${this.server.lastWords()}`,
      );
    }
  }

  // Several tries: the processes of a server that was killed need a moment to let go of its memory, and a rival that
  // started one at the same moment makes ours step back.
  private async start(): Promise<void> {
    if (this.starts === MAX_STARTS) {
      throw new EmbeddedPostgresError(
        `PostgreSQL does not start on ${this.dataDir}: ${this.server.lastWords()} ` +
          '(if this machine cannot run it, set DATABASE_URL)',
      );
    }
    if (this.starts > 0) await sleep(RESTART_DELAY_MS, undefined, { signal: this.signal });
    this.starts += 1;
    await this.server.start();
  }
}
