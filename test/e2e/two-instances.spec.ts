import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppUnderTest } from '../support/app-under-test';
import { eventually } from '../support/eventually';
import { FakeUpstream } from '../support/fake-upstream';
import { someKeys } from '../support/keys';

describe('two instances on one database', () => {
  let first: AppUnderTest;
  let second: AppUnderTest;
  let upstream: FakeUpstream;

  beforeAll(async () => {
    upstream = await FakeUpstream.start();
    first = await AppUnderTest.start();
    second = await AppUnderTest.start({
      DATABASE_URL: first.databaseUrl,
      ENCRYPTION_KEY: (await readFile(join(first.dataDir, 'encryption-key'), 'utf8')).trim(),
    });
  });

  afterAll(async () => {
    await second.stop();
    await first.stop();
    await upstream.stop();
  });

  const chat = (app: AppUnderTest, token: string): Promise<Response> =>
    fetch(`${app.baseUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ model: 'm', messages: [] }),
    });

  it('serves, within seconds, what the other one was told', async () => {
    const [one = '', two = ''] = someKeys(2);
    const channel = await first.admin.createChannel({ baseUrl: upstream.baseUrl, keys: [one, two] });
    const token = await first.admin.createToken();
    await eventually(async () => {
      expect((await chat(second, token)).status).toBe(200);
    });

    await first.admin.post('/api/channel/keys/toggle', { channel_id: channel, key_index: 0, enabled: false });
    await eventually(async () => {
      const answers = [await chat(second, token), await chat(second, token)];
      expect(answers.map((answer) => answer.headers.get('x-keymux-key-index'))).toEqual(['1', '1']);
    });

    await first.admin.call('DELETE', `/api/channel/${channel}`);
    await eventually(async () => {
      expect((await chat(second, token)).status).toBe(404);
    });
  });
});
