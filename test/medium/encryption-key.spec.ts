import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load-config';
import { KeymuxServer } from '../../src/server';
import type { ListedKey } from '../support/admin-client';
import { AppUnderTest } from '../support/app-under-test';
import { ChatClient } from '../support/chat-client';
import { runSql } from '../support/database-rows';
import { eventually } from '../support/embedded-playground';
import { FakeUpstream } from '../support/fake-upstream';
import { aKey, someKeys } from '../support/keys';

describe('the encryption of stored keys', () => {
  let app: AppUnderTest;
  let upstream: FakeUpstream;
  let channelId: number;
  let chat: ChatClient;

  beforeEach(async () => {
    [app, upstream] = await Promise.all([AppUnderTest.start(), FakeUpstream.start()]);
    channelId = await app.admin.createChannel({ baseUrl: upstream.baseUrl, keys: someKeys(4) });
    chat = new ChatClient(app.baseUrl, await app.admin.createToken());
  });

  afterEach(async () => {
    await app.stop();
    await upstream.stop();
  });

  function keys(): Promise<ListedKey[]> {
    return app.admin.listKeys(channelId);
  }

  /** Stores other ciphertexts and starts the program again on them. */
  async function tamper(expression: string, ...indices: number[]): Promise<void> {
    await runSql(
      app.databaseUrl,
      `UPDATE channel_keys AS key SET secret_ciphertext = ${expression} WHERE position = ANY($1::int[])`,
      [indices],
    );
    const token = await app.admin.createToken();
    await app.restart();
    chat = new ChatClient(app.baseUrl, token);
  }

  async function expectUnreadable(...indices: number[]): Promise<void> {
    await eventually(async () => {
      for (const index of indices) {
        const unreadable = { status: 3, disabled_code: 'unreadable', disabled_reason: expect.any(String) as string };
        expect((await keys())[index]).toMatchObject(unreadable);
      }
    });
  }

  it('lets the program start with no other ENCRYPTION_KEY, and names ids but no value', async () => {
    const right = (await readFile(join(app.dataDir, 'encryption-key'), 'utf8')).trim();
    const wrong = randomBytes(32).toString('base64');
    const dataDir = await mkdtemp(join(tmpdir(), 'keymux-other-'));
    const environment = { PORT: '0', DATABASE_URL: app.databaseUrl, DATA_DIR: dataDir, LOG_LEVEL: 'error' };
    const [known] = await runSql(app.databaseUrl, 'SELECT id FROM encryption_keys');
    const { config } = loadConfig({ ...environment, ENCRYPTION_KEY: wrong });
    const error: unknown = await KeymuxServer.start(config).catch((refusal: unknown) => refusal);
    const message = error instanceof Error ? error.message : '';
    expect(message).toMatch(/ENCRYPTION_KEY:? has the id [0-9a-f]{16}/);
    expect(message).toContain(String(known?.['id']));
    for (const secret of [right, wrong]) expect(message).not.toContain(secret.slice(0, 12));
    expect(await runSql(app.databaseUrl, 'SELECT count(*)::int AS count FROM encryption_keys')).toEqual([{ count: 1 }]);

    const other = await KeymuxServer.start(loadConfig({ ...environment, ENCRYPTION_KEY: right }).config);
    await other.stop();
    await rm(dataDir, { recursive: true });
  });

  it.each([
    ['one character changed', "overlay(secret_ciphertext placing 'AAAA' from 40)"],
    ['its end cut off', 'left(secret_ciphertext, -8)'],
    ['nothing in it', "''"],
    ['no ciphertext at all', "'sk-plain000000000000000000000000'"],
    ['the id of another encryption key', "'enc.v1.0123456789abcdef.' || split_part(secret_ciphertext, '.', 4)"],
    ['the ciphertext of another row', '(SELECT secret_ciphertext FROM channel_keys AS o WHERE o.position = 3)'],
  ])('takes a key out of service whose row has %s, and sends nothing with it', async (_what, expression) => {
    await tamper(expression, 1);
    expect(await chat.indicesOf(6)).toEqual([0, 2, 3, 0, 2, 3]);
    expect(upstream.keysUsed()).toEqual([aKey(0), aKey(2), aKey(3), aKey(0), aKey(2), aKey(3)]);
    await expectUnreadable(1);
    expect((await keys()).map(({ status }) => status)).toEqual([1, 3, 1, 1]);
  });

  it('refuses requests, and switches the channel off, once no key can be read', async () => {
    await tamper("secret_ciphertext || 'A'", 0, 1, 2, 3);
    expect(await chat.ask()).toMatchObject({ status: 503, keyIndex: -1 });
    expect(upstream.ledger).toHaveLength(0);
    await expectUnreadable(0, 1, 2, 3);
    const { data } = await app.admin.get(`/api/channel/${channelId}`);
    expect(data).toMatchObject({ status: 3, enabled_keys: 0 });
  });

  it.each([
    ['overwriting', 0, someKeys(4)],
    ['appending', 1, [aKey(1)]],
  ])('reads a key again that is imported again (%s)', async (_what, mode, list) => {
    await tamper('left(secret_ciphertext, -8)', 1);
    await chat.indicesOf(4);
    await expectUnreadable(1);
    await app.admin.post('/api/channel/keys/import', { channel_id: channelId, keys: list, mode });
    upstream.reset();
    await chat.indicesOf(4);
    expect(new Set(upstream.keysUsed())).toEqual(new Set(someKeys(4)));
    expect((await keys()).map(({ status }) => status)).toEqual([1, 1, 1, 1]);
  });

  it('leaves a key off that an admin had switched off', async () => {
    await app.admin.post('/api/channel/keys/toggle', { channel_id: channelId, key_index: 1, enabled: false });
    await tamper("''", 1);
    expect(await chat.indicesOf(3)).toEqual([0, 2, 3]);
    expect((await keys())[1]).toMatchObject({ status: 2, disabled_code: null });
  });
});
