import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { ChildLauncher } from './child-launcher';
import { ensureCluster, removeUnfinishedClusters, SUPERUSER } from './cluster-creation';
import { DataLayout, SOCKET_PORT } from './data-layout';
import { DataDirInUseError, EmbeddedPostgresError, messageOf } from './embedded-postgres.errors';
import { findPostgresPackage, preparePostgresBinaries } from './postgres-binaries';
import { Postmaster } from './postmaster';
import { RunningLock } from './running-lock';
import { ServerAcquisition } from './server-acquisition';
import { chooseServerAccount } from './unprivileged-user';

const DATABASE = 'keymux';
// Exists in every cluster, so the lock lives there whatever becomes of the app's own database.
const LOCK_DATABASE = 'postgres';
const RECOVERY_DELAY_MS = 1_000;

const logger = new Logger('EmbeddedPostgres');

/** Everything a driver needs; port and ssl are given so that PGPORT and PGSSLMODE cannot lead it elsewhere. */
export interface EmbeddedConnection {
  /** The folder of the unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly ssl: false;
}

export type LossListener = (reason: EmbeddedPostgresError) => void;

/** A PostgreSQL of our own inside DATA_DIR, held by this app alone and brought back when it dies. */
export class EmbeddedPostgres {
  readonly connection: EmbeddedConnection;
  private readonly stopping = new AbortController();
  private readonly lossListeners: LossListener[] = [];
  private lock: RunningLock | null = null;
  private recovery: Promise<void> | null = null;
  private stopped: Promise<void> | null = null;

  private constructor(
    private readonly layout: DataLayout,
    private readonly server: Postmaster,
  ) {
    const host = layout.openSocketFolder();
    this.connection = { host, port: SOCKET_PORT, user: SUPERUSER, database: DATABASE, ssl: false };
  }

  static async start(dataDir: string, packageFolder: string = findPostgresPackage()): Promise<EmbeddedPostgres> {
    const binaries = await preparePostgresBinaries(packageFolder);
    const layout = await DataLayout.prepare(dataDir);
    try {
      const account = await chooseServerAccount(layout.cluster);
      const launcher = await ChildLauncher.create(account, layout, binaries);
      await ensureCluster(layout, launcher, binaries.initdb);
      await layout.prepareSocketFolder(account);
      const embedded = new EmbeddedPostgres(layout, new Postmaster(layout, launcher, binaries.postgres));
      await embedded.acquire();
      await embedded.furnish();
      return embedded;
    } catch (error) {
      layout.closeSocketFolder();
      throw asStartError(layout, error);
    }
  }

  /** Called for each failed try to bring a lost server back; after a `DataDirInUseError` no other try follows. */
  onLost(listener: LossListener): void {
    this.lossListeners.push(listener);
  }

  /** Shuts the server down and returns once it is gone; later calls wait for the first. */
  stop(): Promise<void> {
    this.stopped ??= this.shutDown();
    return this.stopped;
  }

  private async acquire(): Promise<void> {
    const lockConnection = this.lockConnection();
    const lock = await new ServerAcquisition(
      this.server,
      lockConnection,
      this.layout.dataDir,
      this.stopping.signal,
    ).run();
    this.lock = lock;
    lock.onEnd(() => {
      this.lock = null;
      if (!this.isStopping()) this.recovery = this.recover();
    });
  }

  private async furnish(): Promise<void> {
    try {
      await this.lock?.ensureDatabase(DATABASE);
      await removeUnfinishedClusters(this.layout);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  // The server died or threw us out. Clients reconnect by themselves once it is back.
  private async recover(): Promise<void> {
    while (!this.isStopping()) {
      try {
        await this.acquire();
        logger.warn('The embedded PostgreSQL had died and is back');
        return;
      } catch (error) {
        if (this.isStopping()) return;
        const reason = asStartError(this.layout, error);
        for (const listener of this.lossListeners) listener(reason);
        if (error instanceof DataDirInUseError) return;
      }
      await sleep(RECOVERY_DELAY_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  private async shutDown(): Promise<void> {
    this.stopping.abort();
    await this.recovery;
    // Without our lock the server may by now be another Keymux's; the lock stays ours until the server is gone.
    const attempt = this.lock ?? (await RunningLock.attempt(this.lockConnection()));
    if (attempt !== 'held') await this.server.stop();
    if (attempt instanceof RunningLock) await attempt.release();
    this.layout.closeSocketFolder();
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private lockConnection(): EmbeddedConnection {
    return { ...this.connection, database: LOCK_DATABASE };
  }
}

function asStartError(layout: DataLayout, error: unknown): EmbeddedPostgresError {
  if (error instanceof EmbeddedPostgresError) return error;
  return new EmbeddedPostgresError(`cannot serve ${layout.dataDir}: ${messageOf(error)}`, { cause: error });
}
