import type { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/database/data-source-options';
import { openDataSource } from '../../src/database/open-data-source';
import { type LogCriteria, logQuery } from '../../src/usage/log/log-query';
import { runSql } from '../support/database-rows';
import { explainQuery } from '../support/query-plan';
import { COMBINED_FILTERS, fillRequestLog, LOG_FILTERS, LONG_AGO } from '../support/request-log-rows';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

const ROWS = 300_000;
const PAGE_ROWS = 51;
const EXPORT_PAGE_ROWS = 1_000;

const PLACES: readonly [where: string, place: (middle: number) => LogCriteria][] = [
  ['the newest', () => ({})],
  ['from the middle on', (middle) => ({ after_id: middle })],
  ['long ago', () => LONG_AGO],
];

describe('the plans of the request log', () => {
  let database: TestDatabase;
  let source: DataSource;
  let middle: number;

  beforeAll(async () => {
    database = await createTestDatabase();
    source = await openDataSource(dataSourceOptions(database.connection, 2));
    await fillRequestLog(database.connection, { last: ROWS });
    await runSql(database.connection, 'VACUUM ANALYZE request_logs');
    const [row] = await runSql(database.connection, 'SELECT max(id) / 2 AS id FROM request_logs');
    middle = Number(row?.['id']);
  });

  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });

  describe.each(LOG_FILTERS)('read a page and hardly more by an index: %s', (_name, criteria) => {
    it.each(PLACES)('%s', async (_where, place) => {
      for (const most of [PAGE_ROWS, EXPORT_PAGE_ROWS]) {
        const query = logQuery({ ...criteria, ...place(middle) }, most);
        const { scans, rowsRead } = await explainQuery(database.connection, 'request_logs', query);
        expect(scans).not.toContain('Seq Scan');
        expect(rowsRead).toBeLessThanOrEqual(2 * most);
      }
    });
  });

  describe.each(COMBINED_FILTERS)(
    'read one index, and of it what they must: %s',
    (_name, criteria, column, perShown) => {
      it.each(PLACES)('%s', async (_where, place) => {
        for (const most of [PAGE_ROWS, EXPORT_PAGE_ROWS]) {
          const query = logQuery({ ...criteria, ...place(middle) }, most);
          const { scans, rowsRead } = await explainQuery(database.connection, 'request_logs', query);
          expect(scans.filter((scan) => !scan.endsWith('pk_request_logs'))).toEqual([
            `Index Scan of ix_request_logs_${column}`,
          ]);
          // One more says where `after_id` is.
          expect(rowsRead).toBeLessThanOrEqual(perShown * most + 1);
        }
      });
    },
  );

  it('find one request by its id', async () => {
    const [row] = await runSql(database.connection, 'SELECT request_id FROM request_logs WHERE id = $1', [middle]);
    const query = logQuery({ request_id: String(row?.['request_id']) }, 1);
    const { scans, rowsRead } = await explainQuery(database.connection, 'request_logs', query);
    expect(scans).toEqual(['Index Scan of ix_request_logs_request_id']);
    expect(rowsRead).toBe(1);
  });
});
