import { Client, DatabaseError } from 'pg';
import type { ClientConfig } from 'pg';
import { codeOf, EmbeddedPostgresError, messageOf } from './embedded-postgres.errors';

// Any fixed number: nothing else takes advisory locks in the database this connection uses.
const LOCK_ID = 7_236_481;
const CONNECT_TIMEOUT_MS = 5_000;
const AUTHENTICATION_REFUSALS = ['28000', '28P01'];

/** Why the lock was not had: nobody listens, the server is not ready, or another Keymux holds it. */
export type LockRefusal = 'absent' | 'not-ready' | 'held';

/** Holds a data folder for one app: a session lock, so a killed app frees it by dying. */
export class RunningLock {
  private constructor(private readonly client: Client) {
    // The driver reports a lost connection here as well as by "end"; unheard, it would end the process.
    client.on('error', () => undefined);
  }

  static async attempt(connection: ClientConfig): Promise<RunningLock | LockRefusal> {
    const client = new Client({
      ...connection,
      application_name: 'keymux running lock',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
    const lock = new RunningLock(client);
    try {
      await client.connect();
      const answer = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [LOCK_ID]);
      if (answer.rows[0]?.held === true) return lock;
      await lock.release();
      return 'held';
    } catch (error) {
      await lock.release();
      return asRefusal(error);
    }
  }

  onEnd(listener: () => void): void {
    this.client.once('end', listener);
  }

  async ensureDatabase(name: string): Promise<void> {
    const found = await this.client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rows.length === 0) await this.client.query(`CREATE DATABASE ${this.client.escapeIdentifier(name)}`);
  }

  async release(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }
}

function asRefusal(error: unknown): LockRefusal {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return 'absent';
  if (error instanceof DatabaseError && AUTHENTICATION_REFUSALS.includes(code)) {
    throw new EmbeddedPostgresError(`the embedded PostgreSQL does not know this user: ${messageOf(error)}`);
  }
  // Starting up, recovering, shutting down, out of connections: all pass.
  return 'not-ready';
}
