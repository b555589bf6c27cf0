import { eventually } from '../support/eventually';
import { fileOf, FORM_TYPE, formOf, type FormPart } from '../support/forms';
import { someKeys } from '../support/keys';
import { errorOf, type RelayClient } from '../support/relay-client';
import { RelayScene } from '../support/relay-scene';
import { UploadClient } from '../support/upload-client';
import { UploadUpstream } from '../support/upload-upstream';

const TRANSCRIPTIONS = '/v1/audio/transcriptions';
const HEADERS = { 'content-type': FORM_TYPE };
const MEBIBYTE = 1024 ** 2;
const LIMIT = 8 * MEBIBYTE;

const MODEL: FormPart = ['model', 'whisper-1'];
const SHORT: FormPart = ['file', fileOf(20_000)];
const LONG: FormPart = ['file', fileOf(4 * MEBIBYTE)];
const TOO_LARGE = formOf(MODEL, ['file', fileOf(2 * LIMIT)]);

describe('forms that are refused', () => {
  let scene: RelayScene;
  let upstream: UploadUpstream;
  let relay: RelayClient;

  beforeAll(async () => {
    scene = await RelayScene.start({ RELAY_BODY_LIMIT: '8mb' });
    upstream = await UploadUpstream.start();
    ({ relay } = await scene.serve({ baseUrl: upstream.baseUrl, keys: someKeys(3) }));
  });

  beforeEach(() => {
    upstream.reset();
  });

  afterAll(async () => {
    await scene.stop();
    await upstream.stop();
  });

  /** The upstream saw one attempt at most, and that one was cut off. */
  async function expectNeverWhole(): Promise<void> {
    await eventually(() => {
      expect(upstream.uploads.map(({ isGone }) => isGone)).toEqual(upstream.uploads.slice(0, 1).map(() => true));
    });
    expect(upstream.uploads.map(({ isWhole }) => isWhole)).toEqual(upstream.uploads.map(() => false));
  }

  async function expectUnharmed(): Promise<void> {
    expect((await relay.send(TRANSCRIPTIONS, { headers: HEADERS, body: formOf(MODEL, SHORT) })).status).toBe(200);
  }

  it.each([
    ['JSON', 'application/json'],
    ['of another type', 'application/x-www-form-urlencoded'],
    ['another multipart', 'multipart/mixed; boundary=x'],
    ['without a boundary', 'multipart/form-data'],
    ['with an empty boundary', 'multipart/form-data; boundary='],
    ['with two boundaries', 'multipart/form-data; boundary=a; boundary=b'],
  ])('at once when they are %s', async (_, contentType) => {
    const headers = { 'content-type': contentType };
    const answer = await relay.send(TRANSCRIPTIONS, { headers, body: formOf(MODEL, SHORT) });
    expect([answer.status, errorOf(answer).code]).toEqual([400, 'invalid_form']);
    expect(upstream.uploads).toEqual([]);
  });

  it.each([
    ['is no form', Buffer.from('{"model":"whisper-1"}'), 'invalid_form'],
    ['names no model', formOf(SHORT), 'model_required'],
    ['names its model twice', formOf(MODEL, MODEL, SHORT), 'invalid_json'],
    ['names a model longer than 512 bytes', formOf(['model', 'x'.repeat(513)], SHORT), 'invalid_model'],
  ])('when their body %s', async (_, body, code) => {
    const answer = await relay.send(TRANSCRIPTIONS, { headers: HEADERS, body });
    expect([answer.status, errorOf(answer).code]).toEqual([400, code]);
    await expectNeverWhole();
  });

  it.each([
    ['short', SHORT],
    ['long', LONG],
  ])('when a second model follows a %s file, and the upstream never sees them whole', async (_, file) => {
    const form = formOf(MODEL, file, ['model', 'whisper-2']);
    const client = await UploadClient.open(relay, TRANSCRIPTIONS, { length: form.length });
    await client.send(form);
    expect(await client.answer).toMatch(/^HTTP\/1\.1 400 [^]*"code":"invalid_json"/);
    await expectNeverWhole();
    for (const upload of upstream.uploads) expect(upload.bytes.includes('whisper-2')).toBe(false);
    await expectUnharmed();
  });

  it.each([
    ['short', SHORT],
    ['long', LONG],
  ])('when a %s one ends before its last boundary', async (_, file) => {
    const form = formOf(MODEL, file);
    const client = await UploadClient.open(relay, TRANSCRIPTIONS, { length: null });
    await client.send(form.subarray(0, -100));
    client.end();
    expect(await client.answer).toMatch(/^HTTP\/1\.1 400 [^]*"code":"invalid_form"/);
    await expectNeverWhole();
    await expectUnharmed();
  });

  it('with 413 when their length says that they are too large, and no upstream is asked', async () => {
    const client = await UploadClient.open(relay, TRANSCRIPTIONS, { length: TOO_LARGE.length });
    await client.send(TOO_LARGE);
    expect(await client.answer).toMatch(/^HTTP\/1\.1 413 [^]*"code":"request_too_large"/);
    expect(upstream.uploads).toEqual([]);
  });

  it.each([
    ['the model first', TOO_LARGE],
    ['the model last', formOf(['file', fileOf(2 * LIMIT)], MODEL)],
  ])('with 413 when chunks of them, %s, become too many', async (_, form) => {
    const client = await UploadClient.open(relay, TRANSCRIPTIONS, { length: null });
    await client.send(form);
    client.end();
    expect(await client.answer).toMatch(/^HTTP\/1\.1 413 [^]*"code":"request_too_large"/);
    await expectNeverWhole();
    await expectUnharmed();
  });

  it.each<[string, number | null]>([
    ['with a length', formOf(MODEL, LONG).length],
    ['in chunks', null],
  ])('by a client that goes: the upstream is let go within them, %s, and no key is marked', async (_, length) => {
    const { relay: single } = await scene.serve({ baseUrl: upstream.baseUrl, keys: someKeys(1) });
    const client = await UploadClient.open(single, TRANSCRIPTIONS, { length });
    await client.send(formOf(MODEL, LONG).subarray(0, 2 * MEBIBYTE));
    await eventually(() => {
      expect(upstream.uploads[0]?.receivedBytes).toBeGreaterThan(MEBIBYTE);
    });
    client.socket.destroy();
    await expectNeverWhole();
    const answer = await single.send(TRANSCRIPTIONS, { headers: HEADERS, body: formOf(MODEL, SHORT) });
    expect(answer.status).toBe(200);
  });
});
