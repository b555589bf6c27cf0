import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test, type TestingModule } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ConfigModule } from '../../src/config/config.module';
import { loadConfig } from '../../src/config/load-config';
import { DatabaseModule } from '../../src/database/database.module';
import { RequestLog } from '../../src/usage/request-log.entity';
import { BatchPurge } from '../../src/usage/retention/batch-purge';
import { HourPurge } from '../../src/usage/retention/hour-purge';
import { LogPurge } from '../../src/usage/retention/log-purge';
import { RetentionRepository } from '../../src/usage/retention/retention.repository';
import { runSql } from '../support/database-rows';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

const MANY = 12_000;

describe('purge of usage', () => {
  let database: TestDatabase;
  let dataDir: string;
  let instance: TestingModule;

  beforeEach(async () => {
    database = await createTestDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'keymux-purge-'));
    const { config } = loadConfig({ DATA_DIR: dataDir, LOG_RETENTION: '2d' });
    instance = await Test.createTestingModule({
      imports: [
        ConfigModule.with(config),
        DatabaseModule.with(database.connection),
        TypeOrmModule.forFeature([RequestLog]),
      ],
      providers: [RetentionRepository, LogPurge, HourPurge, BatchPurge],
    }).compile();
    instance.useLogger(['error', 'fatal']);
    await instance.init();
  });

  afterEach(async () => {
    await instance.close();
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const query = (sql: string): Promise<Record<string, unknown>[]> => runSql(database.connection, sql);

  it('deletes requests that are older than LOG_RETENTION, however many there are', async () => {
    await query(
      `INSERT INTO request_logs
         (request_id, created_at, token_id, model, path, stream, status, end_reason, is_estimated, duration_ms, attempts)
       SELECT i, now() - (CASE WHEN i <= 3 THEN 47 ELSE 49 END) * interval '1 hour', 1, 'm', '/', false, 200, 'done', false, 1, '[]'
       FROM generate_series(1, ${MANY}) AS i`,
    );
    await instance.get(LogPurge).purge();
    expect(await query('SELECT request_id FROM request_logs ORDER BY id')).toEqual(
      ['1', '2', '3'].map((request_id) => ({ request_id })),
    );
  });

  it('deletes hourly counts after 400 days', async () => {
    await query(
      `INSERT INTO usage_hourly
       SELECT date_trunc('hour', now()) - days * interval '1 day', 1, 1, 1, 'm', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0
       FROM unnest(ARRAY[0, 2, 399, 401, 500]) AS days`,
    );
    await instance.get(HourPurge).purge();
    expect(await query('SELECT count(*)::int AS n FROM usage_hourly')).toEqual([{ n: 3 }]);
  });

  it('forgets batches after 30 days, but never the last of an instance', async () => {
    await query(
      `INSERT INTO usage_batches
       SELECT instance, seq, now() - days * interval '1 day'
       FROM unnest(ARRAY[gen_random_uuid(), gen_random_uuid()], ARRAY[0, 2]) AS instances (instance, younger),
            unnest(ARRAY[1, 2, 3], ARRAY[60, 40, 31]) AS batches (seq, days)
       WHERE seq > younger`,
    );
    await query(`UPDATE usage_batches SET created_at = now() WHERE seq = 2`);
    await instance.get(BatchPurge).purge();
    expect(await query('SELECT seq::int FROM usage_batches ORDER BY seq')).toEqual([2, 3, 3].map((seq) => ({ seq })));
  });
});
