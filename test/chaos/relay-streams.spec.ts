import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually';
import { FakeUpstream } from '../support/fake-upstream';
import { replies } from '../support/fake-upstream-replies';
import { fileOf, FORM_TYPE, formOf } from '../support/forms';
import { someKeys } from '../support/keys';
import { peakDuring, residentBytes } from '../support/memory-meter';
import { type Program, ProgramFolders } from '../support/program';
import { chatBody, RelayClient } from '../support/relay-client';
import { UploadUpstream } from '../support/upload-upstream';

const LONG_MS = 300_000;
const MEGABYTE = 1_000_000;

const STREAMS = 500;
const EVENTS = 60;
const EVENT_MS = 200;
/** The first event tells the role, the last two are the end and `[DONE]`. */
const EVENTS_ROUND_WORDS = 3;

/** One stream over a connection of its own. */
class StreamClient {
  events = 0;
  private tail = '';
  private readonly whenOver: Promise<void>;
  private readonly call;

  constructor({ baseUrl, token }: RelayClient, agent: Agent) {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    this.call = request(`${baseUrl}/v1/chat/completions`, { method: 'POST', headers, agent });
    this.whenOver = new Promise((resolve) => {
      this.call.on('close', resolve).on('response', (response) => {
        response
          .on('error', () => undefined)
          .on('data', (chunk: Buffer) => {
            const text = chunk.toString('latin1');
            this.events += text.split('data: ').length - 1;
            this.tail = (this.tail + text).slice(-14);
          });
      });
    });
    this.call.on('error', () => undefined).end(chatBody({ stream: true }));
  }

  get isComplete(): boolean {
    return this.tail === 'data: [DONE]\n\n';
  }

  over(): Promise<void> {
    return this.whenOver;
  }

  leave(): void {
    this.call.destroy();
  }
}

describe('the memory of the relay', () => {
  const folders = new ProgramFolders();
  const agent = new Agent({ keepAlive: true });
  let program: Program;

  beforeAll(async () => {
    // A small heap, so that V8 collects often. It still lets some 100 MB of dead buffers lie before it looks for them, whatever
    // its heap may hold (32 MB of young and 64 MB of old ones), hence the slack of the bounds below.
    program = await folders.start(await folders.make(), {
      NODE_OPTIONS: '--max-old-space-size=128 --max-semi-space-size=1',
      RELAY_BODY_LIMIT: '512mb',
    });
  }, LONG_MS);

  afterAll(async () => {
    agent.destroy();
    await folders.clean();
  }, LONG_MS);

  async function serve(baseUrl: string, fields: object = {}): Promise<RelayClient> {
    const admin = await program.admin();
    const id = await admin.createChannel({ baseUrl, keys: someKeys(20), ...fields });
    return new RelayClient(program.baseUrl, await admin.createToken({ channel_ids: [id] }));
  }

  function print(what: string, ...bytes: readonly number[]): void {
    process.stdout.write(`${what}: ${bytes.map((each) => `${(each / MEGABYTE).toFixed(1)} MB`).join(', ')}\n`);
  }

  describe('with many streams', () => {
    let upstream: FakeUpstream;

    beforeAll(async () => {
      upstream = await FakeUpstream.start();
    });

    afterAll(() => upstream.stop());

    function open(relay: RelayClient, count: number): StreamClient[] {
      return Array.from({ length: count }, () => new StreamClient(relay, agent));
    }

    it(
      'stays as it is while they go on, and all of them are complete',
      async () => {
        const relay = await serve(upstream.baseUrl);
        upstream.answer(replies.stream(Array<string>(EVENTS).fill('word '), { delayMs: EVENT_MS }));
        const streams = open(relay, STREAMS);
        const words = (): number => Math.min(...streams.map(({ events }) => events));
        while (words() < EVENTS / 4) await sleep(EVENT_MS);
        const warm = residentBytes(program.pid);
        while (words() < EVENTS - 5) await sleep(EVENT_MS);
        const late = residentBytes(program.pid);
        await Promise.all(streams.map((stream) => stream.over()));
        print(`${STREAMS} streams: RSS after a quarter and near the end`, warm, late);
        expect(streams.filter(({ isComplete }) => !isComplete)).toEqual([]);
        expect(new Set(streams.map(({ events }) => events))).toEqual(new Set([EVENTS + EVENTS_ROUND_WORDS]));
        expect(late - warm).toBeLessThan(60 * MEGABYTE);
      },
      LONG_MS,
    );

    it(
      'has nothing to do with those whose clients have gone: their upstream is let go, the others go on',
      async () => {
        const relay = await serve(upstream.baseUrl);
        upstream.reset();
        upstream.answer(replies.stream(Array<string>(EVENTS).fill('word '), { delayMs: EVENT_MS }));
        const streams = open(relay, 100);
        while (streams.some(({ events }) => events < 5)) await sleep(EVENT_MS);
        const leftAtMs = Date.now();
        for (const stream of streams.slice(50)) stream.leave();
        const aborted = (): number[] =>
          upstream.ledger.flatMap(({ aborted, endedAt }) => (aborted ? [endedAt ?? 0] : []));
        await eventually(() => {
          expect(aborted()).toHaveLength(50);
        });
        process.stdout.write(
          `50 of 100 clients gone: the last upstream heard after ${Math.max(...aborted()) - leftAtMs} ms\n`,
        );
        await Promise.all(streams.map((stream) => stream.over()));
        expect(streams.slice(0, 50).filter(({ isComplete }) => !isComplete)).toEqual([]);
        expect(aborted()).toHaveLength(50);
      },
      LONG_MS,
    );
  });

  describe('with large bodies', () => {
    let upstream: UploadUpstream;

    beforeAll(async () => {
      upstream = await UploadUpstream.start();
    });

    beforeEach(() => {
      upstream.reset();
    });

    afterAll(() => upstream.stop());

    /** How much more than before was in RAM at most while the work was done three times, then ten times more. */
    async function growth(what: string, work: () => Promise<void>): Promise<{ first: number; later: number }> {
      const before = residentBytes(program.pid);
      const peaks: number[] = [];
      for (let i = 0; i < 13; i++) peaks.push((await peakDuring(program.pid, work)) - before);
      print(`${what}: RSS before, and how much more at the peak of each`, before, ...peaks);
      return { first: Math.max(...peaks.slice(0, 3)), later: Math.max(...peaks.slice(3)) };
    }

    async function sendForm(relay: RelayClient, form: Buffer): Promise<void> {
      upstream.reset();
      const headers = { 'content-type': FORM_TYPE };
      expect((await relay.send('/v1/audio/transcriptions', { headers, body: form })).status).toBe(200);
      expect(upstream.uploads[0]?.bytes.equals(form)).toBe(true);
    }

    it(
      'holds little of a form that names its model first, however long that is',
      async () => {
        const relay = await serve(upstream.baseUrl);
        const [long, longer] = [25, 250].map((size) =>
          formOf(['model', 'whisper-1'], ['file', fileOf(size * MEGABYTE)]),
        ) as [Buffer, Buffer];
        const { first, later } = await growth('forms of 25 MB', () => sendForm(relay, long));
        expect(later - first).toBeLessThan(24 * MEGABYTE);
        const before = residentBytes(program.pid);
        const peak = await peakDuring(program.pid, () => sendForm(relay, longer));
        print('a form of 250 MB: how much more', peak - before);
        expect(peak - before).toBeLessThan(100 * MEGABYTE);
      },
      LONG_MS,
    );

    it(
      'holds a JSON body a few times at most, even where the model has another name',
      async () => {
        const relay = await serve(upstream.baseUrl, { model_mapping: { 'gpt-*': 'openai/gpt-*' } });
        const url = `data:image/png;base64,${'iVBORw0K'.repeat((20 * MEGABYTE) / 8)}`;
        const body = chatBody({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }] });
        const expected = Buffer.from(body.replace('"gpt-4o"', '"openai/gpt-4o"'));
        const { first, later } = await growth('JSON bodies of 20 MB', async () => {
          upstream.reset();
          expect((await relay.send('/v1/chat/completions', { body })).status).toBe(200);
          expect(upstream.uploads[0]?.bytes.equals(expected)).toBe(true);
        });
        // The pieces that came, the body, and what it is with the other model.
        expect(later).toBeLessThan(4 * body.length + 100 * MEGABYTE);
        expect(later - first).toBeLessThan(3 * body.length);
      },
      LONG_MS,
    );
  });
});
