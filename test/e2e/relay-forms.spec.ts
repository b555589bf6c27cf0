import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually';
import { fileOf, FORM_TYPE, formOf, type FormPart } from '../support/forms';
import { someKeys } from '../support/keys';
import type { RelayClient } from '../support/relay-client';
import { RelayScene } from '../support/relay-scene';
import { UploadClient } from '../support/upload-client';
import { receives, UploadUpstream } from '../support/upload-upstream';

const TRANSCRIPTIONS = '/v1/audio/transcriptions';
const EDITS = '/v1/images/edits';
const HEADERS = { 'content-type': FORM_TYPE };
const MEBIBYTE = 1024 ** 2;
const MAPPED = { model_mapping: { 'whisper-*': 'openai/whisper-*' } };

const MODEL: FormPart = ['model', 'whisper-1'];
const LANGUAGE: FormPart = ['language', 'pl'];
const SHORT: FormPart = ['file', fileOf(200_000)];
const LONG: FormPart = ['file', fileOf(5 * MEBIBYTE)];
const MODEL_FIRST = formOf(MODEL, SHORT, LANGUAGE);
const FILE_FIRST = formOf(LANGUAGE, SHORT, MODEL);

/** The same form as the mapping has it. */
function mapped(form: Buffer): Buffer {
  const at = form.indexOf('whisper-1\r\n');
  return Buffer.concat([form.subarray(0, at), Buffer.from('openai/'), form.subarray(at)]);
}

/** Small pieces, one after the other, so that the client knows no length beforehand. */
function inPieces(form: Buffer): ReadableStream {
  return ReadableStream.from(
    (async function* pieces() {
      for (let at = 0; at < form.length; at += 10_007) {
        yield form.subarray(at, at + 10_007);
        await sleep(1);
      }
    })(),
  );
}

describe('forms', () => {
  let scene: RelayScene;
  let upstream: UploadUpstream;
  let keys: readonly string[];
  let relay: RelayClient;

  beforeAll(async () => {
    scene = await RelayScene.start({ RELAY_BODY_LIMIT: '128mb', KEY_AUTO_PROBE: 'false' });
    upstream = await UploadUpstream.start();
  });

  beforeEach(async () => {
    upstream.reset();
    keys = someKeys(3);
    ({ relay } = await scene.serve({ baseUrl: upstream.baseUrl, keys }));
  });

  afterAll(async () => {
    await scene.stop();
    await upstream.stop();
  });

  function keysUsed(): (string | null)[] {
    return upstream.uploads.map(({ key }) => key);
  }

  /** Fails the test unless the last upload, and no other, is exactly this. */
  function expectArrived(form: Buffer): void {
    const last = upstream.uploads.at(-1);
    expect([last?.isWhole, last?.receivedBytes]).toEqual([true, form.length]);
    expect(last?.bytes.equals(form)).toBe(true);
  }

  describe.each([TRANSCRIPTIONS, EDITS])('at %s', (path) => {
    it.each([
      ['before the file', MODEL_FIRST],
      ['after the file', FILE_FIRST],
    ])('reach the upstream byte for byte with the model %s', async (_, form) => {
      const answer = await relay.send(path, { headers: HEADERS, body: form });
      expect([answer.status, answer.text]).toEqual([200, JSON.stringify({ text: `${form.length} bytes` })]);
      expectArrived(form);
      const headers = upstream.uploads[0]?.headers;
      expect([headers?.['content-type'], headers?.['content-length']]).toEqual([FORM_TYPE, String(form.length)]);
    });

    it.each([
      ['before the file', MODEL_FIRST],
      ['after the file', FILE_FIRST],
    ])('reach the upstream byte for byte in chunks with the model %s', async (_, form) => {
      const answer = await relay.send(path, { headers: HEADERS, body: inPieces(form) });
      expect(answer.status).toBe(200);
      expectArrived(form);
    });
  });

  it.each([
    ['before the file', MODEL_FIRST],
    ['after the file', FILE_FIRST],
  ])('change in nothing but the model, %s, where a mapping has another name', async (_, form) => {
    const cast = await scene.serve({ baseUrl: upstream.baseUrl, keys, ...MAPPED });
    expect((await cast.relay.send(TRANSCRIPTIONS, { headers: HEADERS, body: form })).status).toBe(200);
    expectArrived(mapped(form));
    expect(upstream.uploads[0]?.headers['content-length']).toBe(String(mapped(form).length));
    expect((await cast.relay.send(TRANSCRIPTIONS, { headers: HEADERS, body: inPieces(form) })).status).toBe(200);
    expectArrived(mapped(form));
  });

  it.each([401, 429, 500])('that are short go to the next key, the same bytes, when one answers %i', async (status) => {
    upstream.receiveNext(receives.refusing(status));
    const answer = await relay.send(TRANSCRIPTIONS, { headers: HEADERS, body: MODEL_FIRST });
    expect([answer.status, keysUsed()]).toEqual([200, keys.slice(0, 2)]);
    expect(upstream.uploads[0]?.bytes.equals(MODEL_FIRST)).toBe(true);
    expectArrived(MODEL_FIRST);
  });

  it('that are short and in chunks go to the next key, mapped once more', async () => {
    const cast = await scene.serve({ baseUrl: upstream.baseUrl, keys, ...MAPPED });
    upstream.receiveNext(receives.refusing(429));
    const answer = await cast.relay.send(TRANSCRIPTIONS, { headers: HEADERS, body: inPieces(MODEL_FIRST) });
    expect(answer.status).toBe(200);
    expectArrived(mapped(MODEL_FIRST));
  });

  it.each<[string, number | null]>([
    ['with a length', formOf(MODEL, LONG).length],
    ['in chunks', null],
  ])('that are long, %s, go on to the next key while nothing of them is forgotten', async (_, length) => {
    const form = formOf(MODEL, LONG);
    upstream.receiveNext(receives.refusingAtOnce(401), receives.refusingAtOnce(429));
    const client = await UploadClient.open(relay, TRANSCRIPTIONS, { length });
    // Pieces keep coming while one attempt makes way for the next.
    for (let at = 0; at < 600_000; at += 20_000) {
      await client.send(form.subarray(at, at + 20_000));
      await sleep(5);
    }
    await eventually(() => {
      expect(upstream.uploads).toHaveLength(3);
    });
    await client.send(form.subarray(600_000));
    client.end();
    expect(await client.answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(keysUsed()).toEqual(keys);
    expectArrived(form);
  });

  it.each([
    [401, 503, 'no_available_key'],
    [429, 429, 'all_keys_cooling'],
  ])(
    'that are long and refused late with %i have no more attempt, and the client is told to come again',
    async (status, ours, code) => {
      upstream.receiveNext(receives.refusing(status));
      const answer = await relay.send(TRANSCRIPTIONS, { headers: HEADERS, body: formOf(MODEL, LONG) });
      expect([answer.status, JSON.parse(answer.text)]).toMatchObject([ours, { error: { code } }]);
      expect([answer.headers.get('x-should-retry'), answer.headers.get('retry-after')]).toEqual(['true', '1']);
      expect(upstream.uploads).toHaveLength(1);
      expect((await relay.send(TRANSCRIPTIONS, { headers: HEADERS, body: formOf(MODEL, LONG) })).status).toBe(200);
      expect(keysUsed()).toEqual(keys.slice(0, 2));
    },
  );

  it('that are refused half way are read to their end, so that a client that sends first hears of it', async () => {
    const form = formOf(MODEL, ['file', fileOf(40 * MEBIBYTE)]);
    upstream.receiveNext(receives.refusingAfter(400, 2 * MEBIBYTE));
    const client = await UploadClient.open(relay, TRANSCRIPTIONS, { length: form.length });
    await client.send(form);
    expect(await client.answer).toMatch(/^HTTP\/1\.1 400 [^]*Unsupported file/);
    expect(upstream.uploads).toHaveLength(1);
  });

  it('that are answered at once are read to their end all the same', async () => {
    const form = formOf(MODEL, ['file', fileOf(40 * MEBIBYTE)]);
    upstream.receiveNext(receives.wellAtOnce());
    const client = await UploadClient.open(relay, TRANSCRIPTIONS, { length: form.length });
    await client.send(form);
    expect(await client.answer).toMatch(/^HTTP\/1\.1 200 [^]*\{"text":""\}/);
  });

  it('wait at the client while the upstream does not read', async () => {
    const form = formOf(MODEL, ['file', fileOf(64 * MEBIBYTE)]);
    let goOn = (): void => undefined;
    upstream.receiveNext(receives.wellAfter(new Promise((resolve) => (goOn = resolve))));
    const client = await UploadClient.open(relay, TRANSCRIPTIONS, { length: form.length });
    const sent = client.send(form);
    let before = -1;
    while (before !== client.takenBytes) {
      before = client.takenBytes;
      await sleep(1_000);
    }
    // What the kernel and the two pipes hold.
    expect(before).toBeLessThan(32 * MEBIBYTE);
    goOn();
    await sent;
    expect(await client.answer).toMatch(/^HTTP\/1\.1 200 /);
    expectArrived(form);
  });
});
