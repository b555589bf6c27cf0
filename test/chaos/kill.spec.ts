import { setTimeout as sleep } from 'node:timers/promises';
import { findPostmasterPid } from '../support/embedded-playground';
import { eventually } from '../support/eventually';
import { FakeUpstream } from '../support/fake-upstream';
import { someKeys } from '../support/keys';
import { type Program, ProgramFolders } from '../support/program';
import { RelayClient } from '../support/relay-client';

const ROUNDS = 5;
const KEYS_PER_IMPORT = 50;
const LONG_MS = 600_000;

interface Channel {
  readonly id: number;
  readonly token: string;
}

describe('kill -9', () => {
  const folders = new ProgramFolders();
  let upstream: FakeUpstream;

  beforeAll(async () => {
    upstream = await FakeUpstream.start();
  });

  beforeEach(() => {
    upstream.reset();
  });

  afterEach(() => folders.clean());

  afterAll(() => upstream.stop());

  async function setUp(program: Program): Promise<Channel> {
    const admin = await program.admin();
    const id = await admin.createChannel({ baseUrl: upstream.baseUrl, keys: someKeys(KEYS_PER_IMPORT) });
    return { id, token: await admin.createToken() };
  }

  /** Requests without end, and imports beside them, until the program is gone; how many imports were answered. */
  async function load(program: Program, { id, token }: Channel, firstKey: number): Promise<number> {
    let answered = 0;
    const relay = new RelayClient(program.baseUrl, token);
    const untilGone = async (work: (turn: number) => Promise<unknown>): Promise<void> => {
      for (let turn = 0; ; turn++) {
        const isThere = await work(turn).then(
          () => true,
          () => false,
        );
        if (!isThere) return;
      }
    };
    const imports = untilGone(async (turn) => {
      const keys = someKeys(KEYS_PER_IMPORT, firstKey + turn * KEYS_PER_IMPORT);
      const { success } = await (
        await program.admin()
      ).post('/api/channel/keys/import', { channel_id: id, keys, mode: 1 });
      expect(success).toBe(true);
      answered++;
    });
    await Promise.all([imports, ...Array.from({ length: 10 }, () => untilGone(() => relay.chat()))]);
    return answered;
  }

  /** Of the imports one may have been done and not answered, each time. */
  async function expectWhole(
    program: Program,
    { id, token }: Channel,
    answered: number,
    kills: number,
  ): Promise<number> {
    const keys = await (await program.admin()).listKeys(id);
    expect(keys.map(({ index }) => index)).toEqual(keys.map((_, at) => at));
    const imports = keys.length / KEYS_PER_IMPORT - 1;
    expect(imports % 1).toBe(0);
    expect(imports).toBeGreaterThanOrEqual(answered);
    expect(imports).toBeLessThanOrEqual(answered + kills);
    const usage = keys.reduce((sum, key) => sum + key.usage, 0);
    expect(usage).toBeLessThanOrEqual(upstream.ledger.length);
    const before = upstream.ledger.length;
    const relay = new RelayClient(program.baseUrl, token);
    for (let i = 0; i < 3; i++) expect((await relay.chat()).status).toBe(200);
    expect(upstream.keysUsed().slice(before)).toEqual(someKeys(3));
    return usage;
  }

  it(
    'under load leaves everything whole, again and again',
    async () => {
      const dataDir = await folders.make();
      let program = await folders.start(dataDir);
      const channel = await setUp(program);
      const usages: number[] = [];
      let answered = 0;
      for (let round = 1; round <= ROUNDS; round++) {
        const loaded = load(program, channel, round * 1_000_000);
        await sleep(300 + Math.random() * 2_000);
        await program.end('SIGKILL');
        answered += await loaded;
        expect(await findPostmasterPid(dataDir)).not.toBeNull();
        program = await folders.start(dataDir);
        usages.push(await expectWhole(program, channel, answered, round));
      }
      expect(usages).toEqual([...usages].sort((one, other) => one - other));
      expect(usages.at(-1)).toBeGreaterThan(0);
      expect(await program.end('SIGTERM')).toBe(0);
      expect(await findPostmasterPid(dataDir)).toBeNull();
    },
    LONG_MS,
  );

  it(
    'of program and database at once, as when the power fails, loses nothing that was answered',
    async () => {
      const dataDir = await folders.make();
      let program = await folders.start(dataDir);
      const channel = await setUp(program);
      let answered = 0;
      for (let round = 1; round <= 2; round++) {
        const loaded = load(program, channel, round * 1_000_000);
        await sleep(1_000);
        process.kill((await findPostmasterPid(dataDir)) ?? 0, 'SIGKILL');
        await program.end('SIGKILL');
        answered += await loaded;
        program = await folders.start(dataDir);
        await expectWhole(program, channel, answered, round);
      }
    },
    LONG_MS,
  );

  it(
    'within the first start does not spoil the next one',
    async () => {
      const dataDir = await folders.make();
      for (const delayMs of [300, 600, 1_000, 1_500, 2_200, 3_000]) {
        const program = await folders.launch(dataDir);
        await sleep(delayMs);
        await program.end('SIGKILL');
      }
      const program = await folders.start(dataDir);
      await expectWhole(program, await setUp(program), 0, 0);
    },
    LONG_MS,
  );

  it(
    'of the database alone interrupts no request, and the admin API comes back by itself',
    async () => {
      const dataDir = await folders.make();
      const program = await folders.start(dataDir, { KEY_USAGE_FLUSH: '50ms' });
      const channel = await setUp(program);
      const relay = new RelayClient(program.baseUrl, channel.token);
      const pid = (await findPostmasterPid(dataDir)) ?? 0;
      process.kill(pid, 'SIGKILL');
      for (let i = 0; i < 50; i++) expect((await relay.chat()).status).toBe(200);
      const admin = await program.admin();
      await eventually(async () => {
        const keys = await admin.listKeys(channel.id);
        expect(keys.reduce((sum, { usage }) => sum + usage, 0)).toBe(50);
      });
      expect(await findPostmasterPid(dataDir)).not.toBe(pid);
      expect(await program.end('SIGTERM')).toBe(0);
    },
    LONG_MS,
  );
});
