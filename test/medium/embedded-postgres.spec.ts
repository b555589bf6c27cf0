import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres';
import { DataDirInUseError } from '../../src/database/embedded/embedded-postgres.errors';
import { EmbeddedPlayground, eventually, findPostmasterPid, kill, query } from '../support/embedded-playground';
import { createTestDatabase } from '../support/test-database';

describe(EmbeddedPostgres.name, () => {
  const playground = new EmbeddedPlayground();

  afterEach(() => playground.clean());

  it('makes its database on the first start and keeps the data for the second', async () => {
    const dataDir = await playground.makeDataDir();
    const first = await playground.start(dataDir);
    await query(first.connection, 'CREATE TABLE fact AS SELECT 42 AS answer');
    await first.stop();

    const second = await playground.start(dataDir);

    expect(await query(second.connection, 'SELECT answer FROM fact')).toEqual([{ answer: 42 }]);
    expect(
      await query(
        second.connection,
        `SELECT datlocprovider AS provider, datlocale AS locale, pg_encoding_to_char(encoding) AS encoding,
                current_setting('data_checksums') AS checksums, current_setting('fsync') AS fsync
         FROM pg_database WHERE datname = current_database()`,
      ),
    ).toEqual([{ provider: 'b', locale: 'C.UTF-8', encoding: 'UTF8', checksums: 'on', fsync: 'on' }]);
  });

  it('is gone after stop, which may be called again', async () => {
    const dataDir = await playground.makeDataDir();
    const server = await playground.start(dataDir);

    await Promise.all([server.stop(), server.stop()]);
    await server.stop();

    expect(await findPostmasterPid(dataDir)).toBeNull();
    await expect(query(server.connection, 'SELECT 1')).rejects.toThrow('ENOENT');
  });

  it('adopts the server that a killed app left behind, with its data, and stops it', async () => {
    const dataDir = await playground.makeDataDir();
    const app = await playground.startApp(dataDir);
    expect(app.outcome).toBe('ready');
    const left = await findPostmasterPid(dataDir);
    const connection = {
      host: join(dataDir, 'postgres-socket'),
      port: 5432,
      user: 'keymux',
      database: 'keymux',
    };
    await query({ ...connection, ssl: false }, 'CREATE TABLE fact AS SELECT 42 AS answer');
    await kill(app.process);

    const adopter = await playground.start(dataDir);

    expect(await findPostmasterPid(dataDir)).toBe(left);
    expect(await query(adopter.connection, 'SELECT answer FROM fact')).toEqual([{ answer: 42 }]);
    await adopter.stop();
    expect(await findPostmasterPid(dataDir)).toBeNull();
  });

  it('refuses a second app and leaves the first undisturbed', async () => {
    const dataDir = await playground.makeDataDir();
    const first = await playground.start(dataDir);
    const before = await findPostmasterPid(dataDir);

    await expect(playground.start(dataDir)).rejects.toThrow(DataDirInUseError);
    const other = await playground.startApp(dataDir);

    expect(other.outcome).toContain('another Keymux is already running on');
    expect(await findPostmasterPid(dataDir)).toBe(before);
    expect(await query(first.connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('lets exactly one of several simultaneous first starts win', async () => {
    const dataDir = await playground.makeDataDir();

    const apps = await Promise.all([1, 2, 3].map(() => playground.startApp(dataDir)));

    const outcomes = apps.map((app) => app.outcome);
    expect(outcomes.filter((outcome) => outcome === 'ready')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.startsWith(DataDirInUseError.name))).toHaveLength(2);
    expect((await readdir(dataDir)).filter((name) => name.startsWith('postgres.new-'))).toEqual([]);
  });

  it('removes what a killed first start left', async () => {
    const dataDir = await playground.makeDataDir();
    await mkdir(join(dataDir, 'postgres.new-abc', 'base'), { recursive: true });

    await playground.start(dataDir);

    expect((await readdir(dataDir)).sort()).toEqual(['postgres', 'postgres-auth', 'postgres-socket', 'postgres.log']);
  });

  it('brings a killed server back', async () => {
    const dataDir = await playground.makeDataDir();
    const server = await playground.start(dataDir);
    await query(server.connection, 'CREATE TABLE fact AS SELECT 42 AS answer');
    const killed = Number(await findPostmasterPid(dataDir));

    process.kill(killed, 'SIGKILL');

    const answers = await eventually(async () => {
      expect(await findPostmasterPid(dataDir)).not.toBe(killed);
      return query(server.connection, 'SELECT answer FROM fact');
    });
    expect(answers).toEqual([{ answer: 42 }]);
    // The lock came back with it.
    await expect(playground.start(dataDir)).rejects.toThrow(DataDirInUseError);
  });

  it('starts although the pid in its lock files now belongs to another program', async () => {
    const dataDir = await playground.makeDataDir();
    const server = await playground.start(dataDir);
    const pidFile = join(dataDir, 'postgres', 'postmaster.pid');
    const [, ...lines] = (await readFile(pidFile, 'utf8')).split('\n');
    await server.stop();
    // Of the same user as the server: PostgreSQL itself forgives the others.
    const { uid, gid } = await stat(join(dataDir, 'postgres'));
    const stranger = spawn('sleep', ['1000'], { stdio: 'ignore', ...(process.getuid?.() === 0 ? { uid, gid } : {}) });
    const content = [stranger.pid, ...lines].join('\n');
    await writeFile(pidFile, content, { mode: 0o600 });
    await writeFile(join(dataDir, 'postgres-socket', '.s.PGSQL.5432.lock'), content, { mode: 0o600 });

    try {
      const next = await playground.start(dataDir);

      expect(await query(next.connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      await next.stop();
      expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    } finally {
      await kill(stranger);
    }
  });

  it('quotes the log when the server does not start', async () => {
    const dataDir = await playground.makeDataDir();
    await (await playground.start(dataDir)).stop();
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '9.6\n');

    await expect(playground.start(dataDir)).rejects.toThrow('database files are incompatible with server');
  });

  it('writes no statement and no value to its log', async () => {
    const dataDir = await playground.makeDataDir();
    const { connection } = await playground.start(dataDir);
    await query(connection, `CREATE TABLE secret (text text PRIMARY KEY)`);
    await query(connection, `INSERT INTO secret VALUES ('sk-secret')`);

    await expect(query(connection, `INSERT INTO secret VALUES ('sk-secret')`)).rejects.toThrow('duplicate key');
    await expect(query(connection, `SELECT 'sk-secret'::int`)).rejects.toThrow('sk-secret');

    expect(await readFile(join(dataDir, 'postgres.log'), 'utf8')).not.toMatch(/secret/);
  });

  it('moves a log aside that has grown beyond its bound', async () => {
    const dataDir = await playground.makeDataDir();
    await mkdir(dataDir);
    await writeFile(join(dataDir, 'postgres.log'), Buffer.alloc(11 * 1024 * 1024));

    await playground.start(dataDir);

    expect((await stat(join(dataDir, 'postgres.log.old'))).size).toBeGreaterThan(10 * 1024 * 1024);
    expect((await stat(join(dataDir, 'postgres.log'))).size).toBeLessThan(1024 * 1024);
  });

  it('serves from a folder too deep for a socket address', async () => {
    const dataDir = join(await playground.makeFolder(), 'd'.repeat(60), 'e'.repeat(60), 'data');

    const { connection } = await playground.start(dataDir);

    expect(await query(connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

describe(createTestDatabase.name, () => {
  it('gives an empty database and drops it although somebody is connected', async () => {
    const database = await createTestDatabase();
    const tables = `SELECT count(*)::int AS count FROM pg_tables WHERE schemaname = 'public'`;
    expect(await query(database.connection, tables)).toEqual([{ count: 0 }]);
    const sleeping = query(database.connection, 'SELECT pg_sleep(1000)').catch(() => 'thrown out');

    await database.drop();

    await expect(query(database.connection, 'SELECT 1')).rejects.toThrow('does not exist');
    await expect(Promise.race([sleeping])).resolves.toBe('thrown out');
  });
});
