import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { DataSource, type DataSourceOptions } from 'typeorm';

// Any fixed number will do: it names the lock that one migrating process holds at a time.
const MIGRATION_LOCK = 7_310_221;

const CONNECT_ATTEMPTS = 30;
const CONNECT_PAUSE_MS = 1_000;

const logger = new Logger('Database');

/**
 * Connects and brings the schema up to date; of several processes that start at once, one migrates and the others wait.
 * A database that is not there yet is waited for, half a minute long.
 */
export async function openDataSource(options: DataSourceOptions | undefined): Promise<DataSource> {
  if (!options) throw new TypeError('The database module gives the options of its data source');
  const dataSource = await connect(new DataSource(options));
  try {
    await migrate(dataSource);
    return dataSource;
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

async function connect(dataSource: DataSource): Promise<DataSource> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await dataSource.initialize();
    } catch (error) {
      const reason = codeOf(error);
      if (attempt === CONNECT_ATTEMPTS) throw unusable(reason);
      if (attempt === 1) logger.warn(`PostgreSQL (DATABASE_URL) is not there (${reason}); trying for half a minute`);
      await sleep(CONNECT_PAUSE_MS);
    }
  }
}

/** Without a cause: whoever logs the error would print that too, and the driver's own error names the host. */
function unusable(reason: string): Error {
  return new Error(`DATABASE_URL: PostgreSQL cannot be used (${reason})`);
}

/**
 * The code alone. The message would name the host, and that is a piece of the password where the URL was written without
 * escaping an `@` or `/` in it.
 */
function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : String(name);
}

async function migrate(dataSource: DataSource): Promise<void> {
  const lock = dataSource.createQueryRunner();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await dataSource.runMigrations();
  } finally {
    await lock.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await lock.release();
  }
}
