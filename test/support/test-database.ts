import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import type { EmbeddedConnection } from '../../src/database/embedded/embedded-postgres';
import { CONNECTION_VARIABLE } from './start-postgres';

export interface TestDatabase {
  readonly connection: EmbeddedConnection;
  drop(): Promise<void>;
}

/** An empty database of its own on the server of this run. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = serverOfThisRun();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await runOn(server, `CREATE DATABASE ${name}`);
  return {
    connection: { ...server, database: name },
    drop: () => runOn(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

function serverOfThisRun(): EmbeddedConnection {
  const connection = process.env[CONNECTION_VARIABLE];
  if (connection === undefined) throw new Error('this Jest project does not name test/support/start-postgres.ts');
  return JSON.parse(connection) as EmbeddedConnection;
}

async function runOn(connection: EmbeddedConnection, statement: string): Promise<void> {
  const client = new Client(connection);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
