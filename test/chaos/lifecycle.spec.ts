import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findPostmasterPid } from '../support/embedded-playground';
import { eventually } from '../support/eventually';
import { FakeUpstream } from '../support/fake-upstream';
import { replies } from '../support/fake-upstream-replies';
import { aKey, someKeys } from '../support/keys';
import { type Program, ProgramFolders } from '../support/program';
import { openSocket, rawPost, textOf } from '../support/raw-connection';
import { chatBody, RelayClient } from '../support/relay-client';

const EXIT_CONFIG = 78;
const LONG_MS = 300_000;

describe('the program', () => {
  const folders = new ProgramFolders();
  let upstream: FakeUpstream;

  beforeAll(async () => {
    upstream = await FakeUpstream.start();
  });

  beforeEach(() => {
    upstream.reset();
  });

  afterEach(() => folders.clean(), LONG_MS);

  afterAll(() => upstream.stop());

  async function setUp(program: Program): Promise<RelayClient> {
    const admin = await program.admin();
    await admin.createChannel({ baseUrl: upstream.baseUrl, keys: someKeys(3) });
    return new RelayClient(program.baseUrl, await admin.createToken());
  }

  async function expectRefusal(dataDir: string, environment: Record<string, string>): Promise<string> {
    const program = await folders.launch(dataDir, environment);
    expect(await program.ended()).toBe(EXIT_CONFIG);
    return program.output;
  }

  it('refuses a DATA_DIR that another one holds, which goes on undisturbed', async () => {
    const dataDir = await folders.make();
    const first = await folders.start(dataDir);
    const relay = await setUp(first);
    const second = await folders.launch(dataDir);
    expect([1, 2]).toContain(await second.ended());
    expect(second.output).toContain('another Keymux is already running');
    expect(second.output).not.toMatch(/\n\s+at /);
    expect((await relay.chat()).status).toBe(200);
    expect((await (await first.admin()).get('/api/channel')).status).toBe(200);
    expect(await first.end('SIGTERM')).toBe(0);
  });

  it('refuses a port that is taken, says so and leaves no database behind', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const { port } = blocker.address() as AddressInfo;
    const dataDir = await folders.make();
    const program = await folders.launch(dataDir, { PORT: String(port) });
    expect(await program.ended()).toBe(1);
    expect(program.output).toContain(String(port));
    expect(await findPostmasterPid(dataDir)).toBeNull();
    blocker.close();
  });

  it('finishes a stream after SIGTERM, counts it, exits with 0 and leaves no database behind', async () => {
    const dataDir = await folders.make();
    const program = await folders.start(dataDir);
    const relay = await setUp(program);
    upstream.answer(replies.stream(Array<string>(20).fill('word '), { delayMs: 100 }));
    const response = await relay.openStream();
    program.signal('SIGTERM');
    expect(await response.text()).toMatch(/data: \[DONE\]\n\n$/);
    expect(await program.ended()).toBe(0);
    expect(await findPostmasterPid(dataDir)).toBeNull();
    const again = await folders.start(dataDir);
    const [key] = await (await again.admin()).listKeys(1);
    expect(key?.usage).toBe(1);
  });

  it('cuts a stream off that does not end within SHUTDOWN_TIMEOUT, and counts it', async () => {
    const dataDir = await folders.make();
    const program = await folders.start(dataDir, { SHUTDOWN_TIMEOUT: '1s' });
    const relay = await setUp(program);
    upstream.answer(replies.hangMidStream(['one ']));
    const response = await relay.openStream();
    expect(await program.end('SIGTERM')).toBe(0);
    await expect(response.text()).rejects.toThrow();
    const again = await folders.start(dataDir);
    const [key] = await (await again.admin()).listKeys(1);
    expect(key?.usage).toBe(1);
  });

  it('leaves no database behind when it is told to stop while it starts', async () => {
    const dataDir = await folders.make();
    const program = await folders.launch(dataDir);
    await eventually(async () => {
      expect(await findPostmasterPid(dataDir)).not.toBeNull();
    });
    expect(await program.end('SIGTERM')).toBe(0);
    expect(await findPostmasterPid(dataDir)).toBeNull();
  });

  it('tells the clients it still answers that their connection ends', async () => {
    const program = await folders.start(await folders.make());
    const relay = await setUp(program);
    upstream.answer(replies.after(2_000, replies.normal()));
    const socket = await openSocket(program.baseUrl);
    socket.write(rawPost('/v1/chat/completions', relay.token, chatBody()));
    await eventually(() => {
      expect(upstream.ledger).toHaveLength(1);
    });
    program.signal('SIGTERM');
    expect(await textOf(socket)).toMatch(/^HTTP\/1\.1 200 [^]*connection: close\r\n/i);
    expect(await program.ended()).toBe(0);
  });

  it('is not held up by connections on which nothing is asked', async () => {
    const program = await folders.start(await folders.make(), { SHUTDOWN_TIMEOUT: '10m' });
    const relay = await setUp(program);
    await relay.chat();
    const silent = await openSocket(program.baseUrl);
    silent.resume();
    expect(await Promise.race([program.end('SIGTERM'), sleep(30_000, 'still there')])).toBe(0);
  });

  it('stops at once when it is told to a second time', async () => {
    const program = await folders.start(await folders.make());
    const relay = await setUp(program);
    upstream.answer(replies.hang());
    const hanging = relay.chat().catch(() => null);
    await eventually(() => {
      expect(upstream.ledger).toHaveLength(1);
    });
    program.signal('SIGTERM');
    await eventually(() => {
      expect(program.output).toContain('Stopping');
    });
    expect(await program.end('SIGTERM')).toBe(1);
    await hanging;
  });

  it('names every fault of its configuration at once, never a value, and exits with 78', async () => {
    const output = await expectRefusal(await folders.make(), {
      PORT: 'eighty',
      ADMIN_TOKEN: 'too short',
      ENCRYPTION_KEY: 'not-a-key-at-all',
      DATABASE_URL: 'mysql://user:hunter2@host/name',
      RELAY_IDLE_TIMEOUT: 'soon',
      UPSTREAM_ALLOW: 'not a host!',
      LOG_LEVEL: 'loud',
    });
    const names = [
      'PORT',
      'ADMIN_TOKEN',
      'ENCRYPTION_KEY',
      'DATABASE_URL',
      'RELAY_IDLE_TIMEOUT',
      'UPSTREAM_ALLOW',
      'LOG_LEVEL',
    ];
    expect(names.filter((name) => !output.includes(name))).toEqual([]);
    expect(output).not.toMatch(/too short|not-a-key|hunter2/);
  });

  it('demands its secrets in production with an external database', async () => {
    const output = await expectRefusal(await folders.make(), {
      NODE_ENV: 'production',
      DATABASE_URL: 'postgres://user:hunter2@127.0.0.1:1/name',
    });
    expect(output).toMatch(/ADMIN_TOKEN[^]*ENCRYPTION_KEY/);
    expect(output).not.toContain('hunter2');
  });

  it.each([
    ['is not there', 'postgres://user:hunter2@127.0.0.1:1/name'],
    ['has an address with a password that was not escaped', 'postgres://user:pass@hunter2/word@127.0.0.1:1/name'],
  ])('exits with a clear message, and nothing of the password, when its external database %s', async (_, url) => {
    const program = await folders.launch(await folders.make(), { DATABASE_URL: url });
    expect(await program.ended()).toBe(1);
    expect(program.output).toContain('DATABASE_URL: PostgreSQL cannot be used');
    expect(program.output).not.toContain('hunter2');
  });

  it('refuses another encryption key than the one the stored keys are under', async () => {
    const dataDir = await folders.make();
    const first = await folders.start(dataDir);
    await setUp(first);
    await first.end('SIGTERM');
    const second = await folders.launch(dataDir, { ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64') });
    expect(await second.ended()).not.toBe(0);
    expect(second.output).toContain('ENCRYPTION_KEY');
    const third = await folders.start(dataDir);
    expect((await (await third.admin()).get('/api/channel')).status).toBe(200);
  });

  it('keeps its secrets in files for its owner only and the values to itself', async () => {
    const dataDir = await folders.make();
    const program = await folders.start(dataDir, { LOG_LEVEL: 'debug' });
    const relay = await setUp(program);
    upstream.answerNext(replies.status(401), replies.status(400));
    await relay.chat();
    await relay.chat({}, { authorization: 'Bearer sk-km-wrong' });
    for (const name of ['admin-token', 'encryption-key']) {
      expect([name, (await stat(join(dataDir, name))).mode & 0o777]).toEqual([name, 0o600]);
      expect(program.output).toContain(join(dataDir, name));
      expect(program.output).not.toContain(await program.secret(name));
    }
    expect(await program.end('SIGTERM')).toBe(0);
    expect(program.output).not.toContain(relay.token);
    expect(program.output).not.toContain(aKey(0));
    expect(await filesWith(dataDir, aKey(0))).toEqual([]);
    expect(await filesWith(dataDir, relay.token)).toEqual([]);
    expect(await filesWith(dataDir, 'keymux')).not.toEqual([]);
  });

  it('refuses a DATA_DIR that it cannot use and says why', async () => {
    const dataDir = await folders.make();
    await mkdir(dirname(dataDir), { recursive: true });
    await writeFile(dataDir, 'a file');
    const program = await folders.launch(dataDir);
    expect(await program.ended()).not.toBe(0);
    expect(program.output).toContain('DATA_DIR');
  });
});

/** The files under a folder that hold this text. */
async function filesWith(folder: string, text: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const found = await Promise.all(files.map(async (file) => ((await readFile(file)).includes(text) ? [file] : [])));
  return found.flat();
}
