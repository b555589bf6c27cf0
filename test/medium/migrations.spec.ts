import type { DataSource, DataSourceOptions } from 'typeorm';
import { Channel } from '../../src/channels/channel.entity';
import { dataSourceOptions } from '../../src/database/data-source-options';
import { MIGRATIONS } from '../../src/database/migrations/migrations';
import { openDataSource } from '../../src/database/open-data-source';
import { KeyOperation } from '../../src/keys/bulk/key-operation.entity';
import { KeyOperationKey } from '../../src/keys/bulk/key-operation-key.entity';
import { ChannelKey } from '../../src/keys/channel-key.entity';
import { EncryptionKey } from '../../src/keys/encryption-key.entity';
import { ImportBatch } from '../../src/keys/import-batch.entity';
import { KeyEvent } from '../../src/keys/key-event.entity';
import { UpstreamObject } from '../../src/objects/upstream-object.entity';
import { Token } from '../../src/tokens/token.entity';
import { UsageBatch } from '../../src/usage/flush/usage-batch.entity';
import { RequestLog } from '../../src/usage/request-log.entity';
import { TokenSpend } from '../../src/usage/token-spend.entity';
import { UsageHour } from '../../src/usage/usage-hour.entity';
import { describeSchema, runSql } from '../support/database-rows';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

const ENTITIES = [
  Channel,
  ChannelKey,
  ImportBatch,
  EncryptionKey,
  KeyEvent,
  KeyOperation,
  KeyOperationKey,
  Token,
  UpstreamObject,
  UsageBatch,
  RequestLog,
  UsageHour,
  TokenSpend,
];

describe('the migrations', () => {
  let database: TestDatabase;
  const sources: DataSource[] = [];

  beforeEach(async () => {
    database = await createTestDatabase();
  });

  afterEach(async () => {
    for (const source of sources.splice(0)) await source.destroy();
    await database.drop();
  });

  function options(): DataSourceOptions {
    return { ...dataSourceOptions(database.connection, 4), entities: ENTITIES };
  }

  async function open(): Promise<DataSource> {
    const source = await openDataSource(options());
    sources.push(source);
    return source;
  }

  async function applied(): Promise<unknown[]> {
    return (await runSql(database.connection, 'SELECT name FROM migrations ORDER BY id')).map(({ name }) => name);
  }

  it('leave no table behind when they are undone, and the same schema when they are done again', async () => {
    const source = await open();
    const first = await describeSchema(database.connection);
    for (let done = MIGRATIONS.length; done > 0; done--) await source.undoLastMigration();
    const tables = await runSql(database.connection, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
    expect(tables).toEqual([{ tablename: 'migrations' }]);
    await source.runMigrations();
    expect(await describeSchema(database.connection)).toEqual(first);
  });

  it('make the schema that the entities describe', async () => {
    const source = await open();
    const { upQueries } = await source.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('cover every entity of the program', async () => {
    const source = await open();
    const tables = await runSql(database.connection, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
    const described = source.entityMetadatas.map(({ tableName }) => tableName);
    expect(tables.map(({ tablename }) => tablename).sort()).toEqual([...described, 'migrations'].sort());
  });

  it('run once when several programs start at once', async () => {
    await Promise.all([open(), open(), open(), open()]);
    expect(await applied()).toEqual(MIGRATIONS.map(({ name }) => name));
  });

  it('change nothing on a database that has them', async () => {
    await open();
    const before = await describeSchema(database.connection);
    await open();
    expect(await describeSchema(database.connection)).toEqual(before);
    expect(await applied()).toHaveLength(MIGRATIONS.length);
  });

  it('leave no lock behind', async () => {
    await open();
    expect(
      await runSql(
        database.connection,
        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
      ),
    ).toEqual([]);
  });
});
