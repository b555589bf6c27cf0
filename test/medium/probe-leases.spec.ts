import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/database/data-source-options';
import { ProbeLeases } from '../../src/health/probe/probe-leases.repository';
import { runSql } from '../support/database-rows';
import { eventually } from '../support/eventually';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

const POOL_SIZE = 3;
const HOLDERS = `SELECT pid FROM pg_locks WHERE locktype = 'advisory'
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

/** Gives up its connection much sooner. */
class HastyLeases extends ProbeLeases {
  protected override readonly idleMs = 50;
}

describe(ProbeLeases, () => {
  let database: TestDatabase;
  let sources: DataSource[];

  beforeEach(async () => {
    database = await createTestDatabase();
    sources = [];
  });

  afterEach(async () => {
    await Promise.all(sources.map((source) => source.destroy()));
    await database.drop();
  });

  async function anInstance(Leases: typeof ProbeLeases = ProbeLeases): Promise<ProbeLeases> {
    const source = await new DataSource(dataSourceOptions(database.connection, POOL_SIZE)).initialize();
    sources.push(source);
    return new Leases(source);
  }

  it('gives a channel to one of several instances, again and again', async () => {
    const [one, other] = [await anInstance(), await anInstance()];
    for (let round = 0; round < 3; round++) {
      expect(await one.hold(1)).toBe(true);
      expect(await other.hold(1)).toBe(false);
    }
    expect(await other.hold(2)).toBe(true);
    expect(await one.hold(2)).toBe(false);
  });

  it('takes ids larger than PostgreSQL locks have', async () => {
    const [one, other] = [await anInstance(), await anInstance()];
    expect(await one.hold(2 ** 52)).toBe(true);
    expect(await other.hold(2 ** 52)).toBe(false);
  });

  it('holds all channels on one connection, also when they are asked for at once', async () => {
    const one = await anInstance();
    const channelIds = Array.from({ length: 50 }, (_, index) => index + 1);
    expect(await Promise.all(channelIds.map((id) => one.hold(id)))).toEqual(channelIds.map(() => true));
    const pids = (await runSql(database.connection, HOLDERS)).map(({ pid }) => pid);
    expect([pids.length, new Set(pids).size]).toEqual([50, 1]);
  });

  it('loses its channels with its connection, and takes them again if nobody else did', async () => {
    const [one, other] = [await anInstance(), await anInstance()];
    await Promise.all([one.hold(1), one.hold(2)]);
    await runSql(database.connection, `SELECT pg_terminate_backend(pid) FROM (${HOLDERS}) AS holder`);
    await eventually(async () => {
      expect(await other.hold(1)).toBe(true);
    });
    await eventually(async () => {
      expect(await one.hold(2)).toBe(true);
    });
    expect(await one.hold(1)).toBe(false);
  });

  it('leaves its channels to others when it stops', async () => {
    const [one, other] = [await anInstance(), await anInstance()];
    await one.hold(1);
    one.beforeApplicationShutdown();
    expect(await one.hold(1)).toBe(false);
    await eventually(async () => {
      expect(await other.hold(1)).toBe(true);
    });
  });

  it('leaves its channels to others when it no longer asks', async () => {
    const [one, other] = [await anInstance(HastyLeases), await anInstance()];
    await one.hold(1);
    await eventually(async () => {
      expect(await other.hold(1)).toBe(true);
    });
  });

  it('gives no connection back that still holds a lock', async () => {
    const one = await anInstance(HastyLeases);
    for (let round = 0; round < 2 * POOL_SIZE; round++) {
      expect(await one.hold(round + 1)).toBe(true);
      await eventually(async () => {
        expect(await runSql(database.connection, HOLDERS)).toEqual([]);
      });
    }
  });

  it('holds nothing while the database is away, and does not throw', async () => {
    const one = await anInstance();
    await sources[0]?.destroy();
    expect(await one.hold(1)).toBe(false);
    sources = [];
  });

  it('holds up nobody who closes the pool', async () => {
    const one = await anInstance();
    await one.hold(1);
    one.beforeApplicationShutdown();
    await expect(sources.pop()?.destroy()).resolves.toBeUndefined();
  });
});
