import fc from 'fast-check';
import { EventTap } from './event-tap';

const MOST_HELD_BYTES = 64 * 1024;

interface Run {
  readonly out: string;
  readonly facts: unknown;
  readonly mostHeldBytes: number;
}

const delta = (text: string): string => `{"choices":[{"delta":{"content":${JSON.stringify(text)}}}],"usage":null}`;
const usageChunk = '{"id":"x","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}}';
const event = (json: string): string => `data: ${json}\n\n`;

function factsOf(tap: EventTap): unknown {
  const { payloadEvents, usage, errorEvent, isDone } = tap;
  return { payloadEvents, usage, errorEvent: errorEvent?.toString('latin1') ?? null, isDone };
}

function run(chunks: readonly Buffer[], dropsUsage: boolean): Run {
  const tap = new EventTap({ dropsUsage });
  const out: Buffer[] = [];
  let [came, went, mostHeldBytes] = [0, 0, 0];
  for (const chunk of chunks) {
    const passed = tap.pass(chunk);
    out.push(passed);
    came += chunk.length;
    went += passed.length;
    mostHeldBytes = Math.max(mostHeldBytes, came - went);
  }
  const held = tap.end();
  if (held) out.push(held);
  return { out: Buffer.concat(out).toString('latin1'), facts: factsOf(tap), mostHeldBytes };
}

function chunksOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const borders = cuts.map((cut) => cut % (bytes.length + 1)).sort((one, other) => one - other);
  return [...borders, bytes.length].map((end, index) => bytes.subarray(borders[index - 1] ?? 0, end));
}

const data = fc.oneof(
  fc.string().map(delta),
  fc.constantFrom(
    '[DONE]',
    '{"error":{"message":"no"}}',
    '{"choices":[],"usage":null}',
    '{"type":"message_start","message":{"usage":{"input_tokens":3,"output_tokens":1}}}',
    '{"type":"message_delta","usage":{"output_tokens":7}}',
    '{"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":6}}',
    '{"choices":[],"usage":{"prompt_tokens":1e308}, "error":"x"}',
    '',
  ),
);
const kept = fc.oneof(
  data.map((json) => event(json)),
  data.map((json) => `event: error\nid: 7\n${event(json)}`),
  fc.tuple(data, data).map(([one, other]) => `data:${one}\n: aside\n${event(other)}`),
  fc.constantFrom(': ping\n', ':\n', ': data: x\n', '\n'),
);
const part = fc.oneof(
  kept.map((text) => ({ text, isDropped: false })),
  fc.constant({ text: event(usageChunk), isDropped: true }),
);
const stream = fc
  .tuple(fc.array(part), fc.constantFrom('\n', '\r\n', '\r'))
  .map(([parts, lineEnd]) => parts.map(({ text, isDropped }) => ({ text: text.replaceAll('\n', lineEnd), isDropped })));
const cuts = fc.array(fc.nat(), { maxLength: 40 });
const noise = fc.oneof(
  fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom('\n', '\r', '\r\n', '\n\n', ':', 'data', 'data:', 'event:', 'event: ping', '\uFEFF', '{', '"usage":{')
    .map((text) => Buffer.from(text)),
  fc
    .constantFrom('"error":', '"usage"', '"usage', '}', '"choices":[]', usageChunk, delta('x'))
    .map((text) => Buffer.from(text)),
);

describe(`${EventTap.name}, however the stream is cut,`, () => {
  it('passes every byte, and notes the same', () => {
    fc.assert(
      fc.property(stream, cuts, (parts, where) => {
        const bytes = Buffer.from(parts.map(({ text }) => text).join(''));
        const whole = run([bytes], false);
        const cut = run(chunksOf(bytes, where), false);
        expect(cut.out).toBe(bytes.toString('latin1'));
        expect(cut.facts).toEqual(whole.facts);
        expect(cut.mostHeldBytes).toBe(0);
      }),
    );
  });

  it('takes out the usage chunk with its blank line, and nothing else', () => {
    fc.assert(
      fc.property(stream, cuts, (parts, where) => {
        const bytes = Buffer.from(parts.map(({ text }) => text).join(''));
        const rest = Buffer.from(parts.map(({ text, isDropped }) => (isDropped ? '' : text)).join(''));
        const cut = run(chunksOf(bytes, where), true);
        expect(cut.out).toBe(rest.toString('latin1'));
        expect(cut.facts).toEqual(run([bytes], false).facts);
      }),
    );
  });

  it('takes any bytes without throwing, and notes and passes the same', () => {
    fc.assert(
      fc.property(fc.array(noise), cuts, fc.boolean(), (pieces, where, dropsUsage) => {
        const bytes = Buffer.concat(pieces);
        const [whole, cut, single] = [
          run([bytes], dropsUsage),
          run(chunksOf(bytes, where), dropsUsage),
          run(
            Array.from(bytes, (byte) => Buffer.from([byte])),
            dropsUsage,
          ),
        ];
        expect([cut.out, cut.facts]).toEqual([whole.out, whole.facts]);
        expect([single.out, single.facts]).toEqual([whole.out, whole.facts]);
        if (!dropsUsage) expect(whole.out).toBe(bytes.toString('latin1'));
      }),
      { numRuns: 500 },
    );
  });

  it('holds back an unfinished event, to 64 KiB and no further', () => {
    const long = `data: ${'x'.repeat(100_000)}\n\n`;
    const bytes = Buffer.from(long + event(usageChunk) + long);
    const tap = new EventTap({ dropsUsage: true });
    let [came, went, mostHeld] = [0, 0, 0];
    for (let at = 0; at < long.length; at += 1_000) {
      const chunk = bytes.subarray(at, Math.min(at + 1_000, long.length));
      came += chunk.length;
      went += tap.pass(chunk).length;
      mostHeld = Math.max(mostHeld, came - went);
      expect(tap.isAtBoundary).toBe(went === 0 || went === long.length);
    }
    expect(mostHeld).toBeLessThanOrEqual(MOST_HELD_BYTES);
    expect(went).toBe(long.length);
    expect(run(chunksOf(bytes, [7, 30_000, 70_000, 100_050, 100_100, 150_000]), true).out).toBe(long + long);
  });

  it('takes an event for long, and passes it, from the same length on', () => {
    for (let padding = MOST_HELD_BYTES - 150; padding < MOST_HELD_BYTES - 50; padding += 1) {
      const json = usageChunk.replace('"x"', `"${'x'.repeat(padding)}"`);
      const bytes = Buffer.from(event(json).replaceAll('\n', '\r\n'));
      const whole = run([bytes], true);
      expect(whole.out).toBe(`data: ${json}\r\n`.length > MOST_HELD_BYTES ? bytes.toString() : '');
      for (const cut of [1, MOST_HELD_BYTES, bytes.length - 3, bytes.length - 1]) {
        const { out, facts } = run(chunksOf(bytes, [cut]), true);
        expect([out, facts]).toEqual([whole.out, whole.facts]);
      }
    }
  });

  it('counts an event of many megabytes once', () => {
    const text = `event: response.completed\ndata: {"a":"${'x'.repeat(3_000_000)}","response":{"usage":{"input_tokens":4,"output_tokens":2}}}\n\n`;
    const bytes = Buffer.from(text + event(delta('a')));
    const facts = {
      payloadEvents: 2,
      usage: { promptTokens: 4, completionTokens: 2, cachedTokens: null },
      errorEvent: null,
      isDone: true,
    };
    for (const where of [[], [10], Array.from({ length: 200 }, (_, index) => index * 15_001)]) {
      expect(run(chunksOf(bytes, where), false)).toEqual({ out: bytes.toString(), facts, mostHeldBytes: 0 });
    }
  });
});
