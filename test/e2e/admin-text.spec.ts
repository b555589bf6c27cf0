import type { AdminAnswer, AdminClient } from '../support/admin-client';
import { AppUnderTest } from '../support/app-under-test';
import { someKeys } from '../support/keys';

const BASE_URL = 'http://127.0.0.1:9';

// A variation selector counts as no character in the validator, and as one in PostgreSQL.
const SELECTORS = 'a\uFE0F';

describe('text that PostgreSQL cannot store', () => {
  let app: AppUnderTest;
  let admin: AdminClient;
  let channelId: number;

  beforeAll(async () => {
    app = await AppUnderTest.start();
    admin = app.admin;
    channelId = await admin.createChannel({ baseUrl: BASE_URL, keys: someKeys(2) });
  });

  afterAll(async () => {
    await app.stop();
  });

  function expectAnswered(answer: AdminAnswer): void {
    expect([200, 400, 404]).toContain(answer.status);
  }

  it.each([
    ['a name with NUL', { name: 'a\u0000b' }],
    ['a name of variation selectors', { name: SELECTORS.repeat(200) }],
    ['a model with NUL', { models: ['a\u0000b'] }],
    ['a mapping with NUL', { model_mapping: { 'a\u0000': 'b' } }],
    ['a mapping with half a surrogate pair', { model_mapping: { a: '\ud800' } }],
    ['a base_url that grows when it is encoded', { base_url: `${BASE_URL}/${'é'.repeat(1900)}` }],
  ])('is no server error as %s of a channel', async (_what, fields) => {
    expectAnswered(await admin.post('/api/channel', { name: 'a channel', base_url: BASE_URL, ...fields }));
    expectAnswered(await admin.call('PUT', `/api/channel/${channelId}`, fields));
  });

  it.each([
    ['a name with NUL', { name: 'a\u0000b' }],
    ['a name of variation selectors', { name: SELECTORS.repeat(200) }],
    ['a model with NUL', { models: ['\u0000'] }],
  ])('is no server error as %s of a token', async (_what, fields) => {
    expectAnswered(await admin.post('/api/token', { name: 'a client', ...fields }));
  });

  it.each([
    ['a note with NUL', { note: '\u0000' }],
    ['a note of variation selectors', { note: SELECTORS.repeat(500) }],
    ['a balance in exponent form', { balance: 1e-7 }],
  ])('is no server error as %s', async (_what, fields) => {
    expectAnswered(await admin.call('PATCH', '/api/channel/keys', { channel_id: channelId, key_index: 0, ...fields }));
  });

  it('is no server error as the name of a batch', async () => {
    const body = { channel_id: channelId, batch_id: '\u0000', enabled: true };
    expectAnswered(await admin.post('/api/channel/keys/batch-toggle-by-batch', body));
  });

  it.each(['?keyword=%00', '?keyword=%ED%A0%80', '/1/keys/details?q=%00', '/1/keys/details?batch_id=%00'])(
    'is no server error in the query of %s',
    async (path) => {
      expectAnswered(await admin.get(`/api/channel${path}`));
    },
  );

  it('is a problem of its line in an import', async () => {
    const body = { channel_id: channelId, keys: ['sk-with-\u0000-inside-of-it', 'sk-\ud800-half-a-pair'], mode: 1 };
    const answer = await admin.post('/api/channel/keys/import', body);
    expect(answer).toMatchObject({
      status: 400,
      code: 'NO_VALID_KEYS',
      data: { problems: [{ line: 1 }, { line: 2 }] },
    });
  });
});
