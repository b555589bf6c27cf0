import { Client } from 'pg';
import type { ClientConfig } from 'pg';

type Row = Record<string, unknown>;

/** Runs one statement on a connection of its own. */
export async function runSql(database: string | ClientConfig, sql: string, parameters: unknown[] = []): Promise<Row[]> {
  const client = new Client(typeof database === 'string' ? { connectionString: database } : database);
  await client.connect();
  try {
    return (await client.query<Row>(sql, parameters)).rows;
  } finally {
    await client.end();
  }
}

/** Every row of every table, as text. */
export async function dumpRows(database: string | ClientConfig): Promise<string> {
  const tables = await runSql(database, `SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`);
  const dumps: string[] = [];
  for (const { tablename } of tables) {
    const rows = await runSql(database, `SELECT t::text AS row FROM "${String(tablename)}" AS t`);
    dumps.push(String(tablename), ...rows.map(({ row }) => String(row)));
  }
  return dumps.join('\n');
}

/** Every table, column, index and constraint with its definition. */
export async function describeSchema(database: string | ClientConfig): Promise<Row[]> {
  return runSql(
    database,
    `SELECT 'column' AS kind, table_name || '.' || column_name AS name,
            concat_ws(' ', udt_name, character_maximum_length, numeric_precision, is_nullable, column_default) AS definition
     FROM information_schema.columns WHERE table_schema = 'public'
     UNION ALL
     SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
     UNION ALL
     SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
     WHERE connamespace = 'public'::regnamespace
     UNION ALL
     SELECT 'sequence', sequencename, data_type::text FROM pg_sequences WHERE schemaname = 'public'
     ORDER BY 1, 2, 3`,
  );
}
