import { chmod, lstat, mkdir, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres';
import { findPostgresPackage, preparePostgresBinaries } from '../../src/database/embedded/postgres-binaries';
import { EmbeddedPlayground, findPostmasterPid, query } from '../support/embedded-playground';

const isRoot = process.getuid?.() === 0;
const onLinux = process.platform === 'linux' ? it : it.skip;
const asRoot = isRoot && process.platform === 'linux' ? it : it.skip;
const asNormalUser = isRoot ? it.skip : it;

// The bits of CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH.
const SINGLE_CAPABILITIES = [0x2, 0x4];

async function readStatus(dataDir: string, field: string): Promise<string> {
  const status = await readFile(`/proc/${Number(await findPostmasterPid(dataDir))}/status`, 'utf8');
  return new RegExp(`^${field}:\\s*(\\S+)`, 'm').exec(status)?.[1] ?? '';
}

async function listTcpSockets(): Promise<string[]> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  return tables.flatMap((table) => table.split('\n').map((line) => `socket:[${line.trim().split(/\s+/)[9] ?? ''}]`));
}

async function listLinks(lib: string): Promise<string[]> {
  const entries = await readdir(lib, { withFileTypes: true });
  return entries.filter((entry) => entry.isSymbolicLink()).map((entry) => entry.name);
}

async function removeLinks(packageFolder: string): Promise<string[]> {
  const lib = join(packageFolder, 'native', 'lib');
  const links = await listLinks(lib);
  await Promise.all(links.map((name) => rm(join(lib, name))));
  return links;
}

describe(`${EmbeddedPostgres.name} and its surroundings`, () => {
  const playground = new EmbeddedPlayground();

  afterEach(() => playground.clean());

  asRoot('runs as another user under root, without any capability', async () => {
    const dataDir = await playground.makeDataDir();
    // The checkout itself may lie where only root may pass.
    const packageFolder = await playground.copyPackage(await playground.makeFolder());

    await playground.start(dataDir, packageFolder);

    const { uid } = await stat(join(dataDir, 'postgres'));
    expect(uid).not.toBe(0);
    expect(await readStatus(dataDir, 'Uid')).toBe(String(uid));
    expect(Number.parseInt(await readStatus(dataDir, 'CapEff'), 16)).toBe(0);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o711);
  });

  asRoot('serves from behind a folder only root may pass, with one capability and not as root', async () => {
    const folder = await playground.makeFolder(0o700);
    const dataDir = join(folder, 'data');

    const server = await playground.start(dataDir, await playground.copyPackage(folder));

    expect(await query(server.connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await readStatus(dataDir, 'Uid')).not.toBe('0');
    expect(SINGLE_CAPABILITIES).toContain(Number.parseInt(await readStatus(dataDir, 'CapEff'), 16));
    await server.stop();
    expect(await findPostmasterPid(dataDir)).toBeNull();
  });

  asRoot('serves with programs that only root may run', async () => {
    const folder = await playground.makeFolder(0o700);
    const packageFolder = await playground.copyPackage(folder);
    const bin = join(packageFolder, 'native', 'bin');
    for (const name of await readdir(bin)) await chmod(join(bin, name), 0o700);

    const server = await playground.start(join(folder, 'data'), packageFolder);

    expect(await query(server.connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  asRoot('says what to do when no capability opens the way', async () => {
    const folder = await playground.makeFolder(0o700);
    const packageFolder = await playground.copyPackage(folder);
    await chmod(join(packageFolder, 'native', 'bin', 'initdb'), 0o600);

    const start = playground.start(join(folder, 'data'), packageFolder);

    await expect(start).rejects.toThrow(/who cannot pass .*, run Keymux as a normal user, or set DATABASE_URL/);
  });

  onLinux('opens no TCP port', async () => {
    const dataDir = await playground.makeDataDir();
    const { connection } = await playground.start(dataDir);

    const handles = `/proc/${Number(await findPostmasterPid(dataDir))}/fd`;
    const targets = await Promise.all(
      (await readdir(handles)).map((name) => readlink(join(handles, name)).catch(() => '')),
    );

    const sockets = targets.filter((target) => target.startsWith('socket:'));
    const tcpSockets = new Set(await listTcpSockets());
    expect(sockets.filter((socket) => tcpSockets.has(socket))).toEqual([]);
    expect(await query(connection, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '' }]);
  });

  it('keeps the cluster, the socket and the log to their owners', async () => {
    const dataDir = await playground.makeDataDir();
    await playground.start(dataDir);

    const modes = await Promise.all(
      ['postgres', 'postgres-socket', 'postgres.log'].map(
        async (name) => (await stat(join(dataDir, name))).mode & 0o777,
      ),
    );

    expect(modes).toEqual([0o700, 0o700, 0o600]);
  });

  it('knows its users by the kernel, not by password or trust', async () => {
    const { connection } = await playground.start(await playground.makeDataDir());

    const rules = await query(connection, 'SELECT type, user_name, auth_method FROM pg_hba_file_rules');

    expect(rules).toEqual([{ type: 'local', user_name: ['keymux'], auth_method: 'peer' }]);
    await expect(query({ ...connection, user: 'postgres' }, 'SELECT 1')).rejects.toThrow('no pg_hba.conf entry');
  });

  onLinux('hands none of our environment to the server', async () => {
    process.env['KEYMUX_TEST_SECRET'] = 'sk-secret';
    const dataDir = await playground.makeDataDir();
    await playground.start(dataDir);

    const environment = await readFile(`/proc/${Number(await findPostmasterPid(dataDir))}/environ`, 'utf8');

    expect(environment).not.toContain('SECRET');
    delete process.env['KEYMUX_TEST_SECRET'];
  });

  onLinux('makes missing library links and serves with them', async () => {
    const folder = await playground.makeFolder(0o755);
    const packageFolder = await playground.copyPackage(folder);
    const removed = await removeLinks(packageFolder);
    expect(removed).not.toEqual([]);

    await Promise.all([preparePostgresBinaries(packageFolder), preparePostgresBinaries(packageFolder)]);
    const server = await playground.start(join(folder, 'data'), packageFolder);

    const lib = join(packageFolder, 'native', 'lib');
    expect(await listLinks(lib)).toEqual(removed);
    expect((await lstat(join(lib, 'libpq.so.5'))).isSymbolicLink()).toBe(true);
    expect(await query(server.connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  asNormalUser('says so when links are missing in a read-only package', async () => {
    const packageFolder = await playground.copyPackage(await playground.makeFolder());
    await removeLinks(packageFolder);
    await chmod(join(packageFolder, 'native', 'lib'), 0o555);

    const preparation = preparePostgresBinaries(packageFolder);

    await expect(preparation).rejects.toThrow(/missing and cannot be made .* npm ci without --ignore-scripts/);
    await chmod(join(packageFolder, 'native', 'lib'), 0o755);
  });

  it('names a platform without PostgreSQL', () => {
    expect(() => findPostgresPackage('linux', 'mips')).toThrow(
      'this platform (linux/mips) has no embedded PostgreSQL; set DATABASE_URL',
    );
  });

  it('does not take a strange folder for its cluster', async () => {
    const dataDir = await playground.makeDataDir();
    await mkdir(join(dataDir, 'postgres', 'photos'), { recursive: true });

    await expect(playground.start(dataDir)).rejects.toThrow(isRoot ? 'belongs to root' : 'holds no PostgreSQL data');
  });
});
