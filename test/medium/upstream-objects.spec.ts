import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { Client } from 'pg';
import { ConfigModule } from '../../src/config/config.module';
import { loadConfig } from '../../src/config/load-config';
import { DatabaseModule } from '../../src/database/database.module';
import type { ObjectOwner } from '../../src/objects/object-owner';
import { ObjectOwners } from '../../src/objects/object-owners';
import { ObjectPurge } from '../../src/objects/object-purge';
import { ObjectsModule } from '../../src/objects/objects.module';
import { runSql } from '../support/database-rows';
import { eventually } from '../support/eventually';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

const owner: ObjectOwner = { tokenId: 11, channelId: 22, keyId: 33 };
const MANY = 12_000;

describe('the owners of upstream objects', () => {
  let database: TestDatabase;
  let dataDir: string;
  const instances: TestingModule[] = [];

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'keymux-objects-'));
  });

  beforeEach(async () => {
    database = await createTestDatabase();
  });

  afterEach(async () => {
    for (const instance of instances.splice(0)) await instance.close();
    await database.drop();
  });

  afterAll(async () => {
    await rm(dataDir, { recursive: true, force: true });
  });

  async function start(environment: Record<string, string> = {}): Promise<TestingModule> {
    const { config } = loadConfig({ DATA_DIR: dataDir, ...environment });
    const instance = await Test.createTestingModule({
      imports: [ConfigModule.with(config), DatabaseModule.with(database.connection), ObjectsModule],
    }).compile();
    instance.useLogger(['error', 'fatal']);
    await instance.init();
    instances.push(instance);
    return instance;
  }

  async function startOwners(): Promise<ObjectOwners> {
    return (await start()).get(ObjectOwners);
  }

  async function stop(instance: TestingModule): Promise<void> {
    instances.splice(instances.indexOf(instance), 1);
    await instance.close();
  }

  async function query(sql: string): Promise<Record<string, unknown>[]> {
    return runSql(database.connection, sql);
  }

  async function countRows(): Promise<number> {
    const [row] = await query('SELECT count(*)::int AS rows FROM upstream_objects');
    return Number(row?.['rows']);
  }

  it('are known after a restart, the last ones before the stop included', async () => {
    const first = await start();
    first.get(ObjectOwners).remember({ dialect: 'openai', id: 'resp_1', ...owner });
    await stop(first);
    const owners = await startOwners();
    expect(await owners.find('openai', 'resp_1')).toEqual(owner);
    expect(await owners.find('anthropic', 'resp_1')).toBeNull();
  });

  it('are seen by another instance a moment later, and gone for it once they are deleted', async () => {
    const [one, other] = [await startOwners(), await startOwners()];
    one.remember({ dialect: 'anthropic', id: 'msgbatch_1', ...owner });
    await eventually(async () => {
      expect(await other.find('anthropic', 'msgbatch_1')).toEqual(owner);
    });
    other.forget('anthropic', 'msgbatch_1');
    await eventually(async () => {
      expect(await countRows()).toBe(0);
    });
    expect(await (await startOwners()).find('anthropic', 'msgbatch_1')).toBeNull();
  });

  it('are written in batches, however many come at once', async () => {
    const instance = await start();
    const owners = instance.get(ObjectOwners);
    for (let i = 0; i < MANY; i++) owners.remember({ dialect: 'openai', id: `resp_${i}`, ...owner, keyId: i });
    await stop(instance);
    // Rows of one statement have one time and one transaction.
    const [row] = await query(
      `SELECT count(*)::int AS rows, count(DISTINCT xmin::text)::int AS statements,
              count(DISTINCT key_id)::int AS keys, min(octet_length(object_digest)) AS shortest FROM upstream_objects`,
    );
    expect(row).toEqual({ rows: MANY, statements: 3, keys: MANY, shortest: 32 });
  });

  it('stay with the token that was first, whoever names the object later', async () => {
    const [one, other] = [await startOwners(), await start()];
    one.remember({ dialect: 'openai', id: 'resp_1', ...owner });
    await eventually(async () => {
      expect(await countRows()).toBe(1);
    });
    other.get(ObjectOwners).remember({ dialect: 'openai', id: 'resp_1', tokenId: 99, channelId: 1, keyId: 1 });
    await stop(other);
    expect(await (await startOwners()).find('openai', 'resp_1')).toEqual(owner);
  });

  it('move with their token to another key', async () => {
    const [one, other] = [await start(), await start()];
    one.get(ObjectOwners).remember({ dialect: 'openai', id: 'resp_1', ...owner });
    await stop(one);
    other.get(ObjectOwners).remember({ dialect: 'openai', id: 'resp_1', ...owner, keyId: 44 });
    await stop(other);
    expect(await (await startOwners()).find('openai', 'resp_1')).toEqual({ ...owner, keyId: 44 });
  });

  it('are deleted when they are older than the retention, however many there are', async () => {
    const instance = await start({ OBJECT_RETENTION: '2d' });
    await query(
      `INSERT INTO upstream_objects (object_digest, token_id, channel_id, key_id, created_at)
       SELECT sha256(i::text::bytea), 1, 1, i, now() - i * interval '1 second' - interval '1 day'
       FROM generate_series(1, ${MANY}) AS i`,
    );
    await query(`UPDATE upstream_objects SET created_at = created_at - interval '1 day' WHERE key_id > 10`);
    await instance.get(ObjectPurge).purge();
    expect(await countRows()).toBe(10);
  });

  describe('while the database is away', () => {
    async function maintain(statement: string): Promise<void> {
      const client = new Client({ ...database.connection, database: 'postgres' });
      await client.connect();
      await client.query(statement);
      await client.end();
    }

    async function takeAway(): Promise<void> {
      const { database: name } = database.connection;
      await maintain(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
      await maintain(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
    }

    async function bringBack(): Promise<void> {
      await maintain(`ALTER DATABASE ${database.connection.database} ALLOW_CONNECTIONS true`);
    }

    it('are found in memory, refused where a row is needed, and stored once it is back', async () => {
      const owners = await startOwners();
      owners.remember({ dialect: 'openai', id: 'resp_before', ...owner });
      await takeAway();
      owners.remember({ dialect: 'openai', id: 'resp_during', ...owner });
      expect(['resp_before', 'resp_during'].map((id) => owners.find('openai', id))).toEqual([owner, owner]);
      await expect(owners.find('openai', 'resp_elsewhere')).rejects.toThrow();
      await bringBack();
      await eventually(async () => {
        expect(await countRows()).toBe(2);
      });
      expect(await owners.find('openai', 'resp_elsewhere')).toBeNull();
    });

    it('are lost only when the program stops, which says how many and not which', async () => {
      const instance = await start();
      await takeAway();
      const error = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
      instance.get(ObjectOwners).remember({ dialect: 'openai', id: 'resp_lost', ...owner });
      await stop(instance);
      await bringBack();
      const lines = JSON.stringify(error.mock.calls);
      error.mockRestore();
      expect(lines).toContain('The owners of 1 upstream objects are lost');
      expect(lines).not.toContain('resp_');
    });
  });
});
