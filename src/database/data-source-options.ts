import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions';
import type { DatabaseConnection } from './database-connection';
import { MIGRATIONS } from './migrations/migrations';

const STATEMENT_TIMEOUT_MS = 60_000;
// Longer, so that a server that is there says itself what took too long.
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000;
const CONNECT_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_MS = 10_000;

/** The one description of the database, for the program and for the TypeORM command line. */
export function dataSourceOptions(connection: DatabaseConnection, poolSize: number): PostgresDataSourceOptions {
  const address =
    'url' in connection
      ? { url: connection.url }
      : {
          host: connection.host,
          port: connection.port,
          username: connection.user,
          database: connection.database,
          ssl: connection.ssl,
        };
  return {
    type: 'postgres',
    ...address,
    synchronize: false,
    migrations: MIGRATIONS,
    migrationsTransactionMode: 'each',
    poolSize,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    applicationName: 'keymux',
    // A failed statement is reported by its author in his own words: the driver's would quote values.
    logging: false,
    extra: {
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
      // A server that went silent would be waited for without end.
      query_timeout: ANSWER_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    },
  };
}
