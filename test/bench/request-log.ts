import { dataSourceOptions } from '../../src/database/data-source-options';
import { openDataSource } from '../../src/database/open-data-source';
import { type LogCriteria, logQuery } from '../../src/usage/log/log-query';
import { runSql } from '../support/database-rows';
import { explainQuery } from '../support/query-plan';
import { COMBINED_FILTERS, fillRequestLog, LOG_FILTERS, LONG_AGO } from '../support/request-log-rows';
import startPostgres, { releaseServer } from '../support/start-postgres';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

const DEFAULT_ROWS = 1_000_000;
const MOST_ROWS = 20_000_000;
const ROWS_PER_STATEMENT = 500_000;
const PAGE_ROWS = 51;
const ROUNDS = 5;

/** Fills the log of a database of its own and prints how long each filter takes, and how it is answered. */
async function measure(rows: number): Promise<void> {
  await startPostgres();
  const database = await createTestDatabase();
  try {
    await fill(database, rows);
    print(`| what | rows read | slowest of ${ROUNDS}, ms | plan |\n| --- | ---: | ---: | --- |`);
    const middle = await middleId(database);
    for (const [name, criteria] of [...LOG_FILTERS, ...COMBINED_FILTERS]) {
      await measureOne(database, name, criteria);
      await measureOne(database, `${name}, from the middle on`, { ...criteria, after_id: middle });
      await measureOne(database, `${name}, long ago`, { ...criteria, ...LONG_AGO });
    }
  } finally {
    await database.drop();
    await releaseServer();
  }
}

/** Without indexes first: so many rows are sorted sooner than they are put in place one by one. */
async function fill({ connection }: TestDatabase, rows: number): Promise<void> {
  await (await openDataSource(dataSourceOptions(connection, 2))).destroy();
  const indexes = await runSql(
    connection,
    `SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'request_logs' AND indexname LIKE 'ix_%'`,
  );
  for (const { indexname } of indexes) await runSql(connection, `DROP INDEX ${String(indexname)}`);
  for (let first = 1; first <= rows; first += ROWS_PER_STATEMENT) {
    await fillRequestLog(connection, { first, last: Math.min(first + ROWS_PER_STATEMENT - 1, rows), of: rows });
  }
  for (const { indexdef } of indexes) {
    await runSql(connection, `SET maintenance_work_mem = '512MB'; ${String(indexdef)}`);
  }
  await runSql(connection, 'VACUUM ANALYZE request_logs');
  const [size] = await runSql(
    connection,
    `SELECT pg_size_pretty(pg_table_size('request_logs')) AS rows, pg_size_pretty(pg_indexes_size('request_logs')) AS indexes`,
  );
  print(`${rows} rows take ${String(size?.['rows'])}, their indexes ${String(size?.['indexes'])}\n`);
}

async function middleId({ connection }: TestDatabase): Promise<number> {
  const [row] = await runSql(connection, 'SELECT max(id) / 2 AS id FROM request_logs');
  return Number(row?.['id']);
}

async function measureOne({ connection }: TestDatabase, name: string, criteria: LogCriteria): Promise<void> {
  const query = logQuery(criteria, PAGE_ROWS);
  const explain = (): ReturnType<typeof explainQuery> => explainQuery(connection, 'request_logs', query);
  const warm = await explain();
  const timesMs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) timesMs.push((await explain()).executionMs);
  const cells = [name, warm.rowsRead, Math.max(...timesMs).toFixed(2), warm.scans.join(', ')];
  print(`| ${cells.join(' | ')} |`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

void measure(Math.min(Number(process.argv[2] ?? DEFAULT_ROWS), MOST_ROWS));
