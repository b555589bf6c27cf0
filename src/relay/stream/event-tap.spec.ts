import { EventTap } from './event-tap';

const MOST_HELD_BYTES = 64 * 1024;

const delta = (text: string): string => `{"choices":[{"delta":{"content":${JSON.stringify(text)}}}],"usage":null}`;
const usageChunk = '{"id":"x","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}}';
const usageOfChunk = { promptTokens: 9, completionTokens: 12, cachedTokens: null };
const event = (data: string, lineEnd = '\n'): string => `data: ${data}${lineEnd}${lineEnd}`;

/** What went out, the end included. */
function sifted(text: string): string {
  const tap = new EventTap({ dropsUsage: true });
  return Buffer.concat([tap.pass(Buffer.from(text)), tap.end() ?? Buffer.alloc(0)]).toString();
}

function tapped(text: string): EventTap {
  const tap = new EventTap({ dropsUsage: false });
  tap.pass(Buffer.from(text));
  tap.end();
  return tap;
}

describe(EventTap, () => {
  it('hands out the buffer that came in', () => {
    for (const dropsUsage of [false, true]) {
      const tap = new EventTap({ dropsUsage });
      for (const text of [event(delta('a')) + event(delta('b')), ': keep-alive\n\n', event('[DONE]')]) {
        const chunk = Buffer.from(text);
        expect(tap.pass(chunk)).toBe(chunk);
      }
      expect(tap.end()).toBeNull();
    }
  });

  it('gives what is held at the end, unless it is the usage chunk', () => {
    const tap = new EventTap({ dropsUsage: true });
    expect(tap.pass(Buffer.from('data: {"cho')).toString()).toBe('');
    expect(tap.end()?.toString()).toBe('data: {"cho');
    const cut = new EventTap({ dropsUsage: true });
    expect(cut.pass(Buffer.from(`${event(delta('a'))}data: ${usageChunk}\n`)).toString()).toBe(event(delta('a')));
    expect(cut.end()).toBeNull();
    expect(cut.usage).toEqual(usageOfChunk);
  });

  it('keeps what only resembles the usage chunk', () => {
    const others = [
      '{"choices":[],"prompt_filter_results":[]}',
      '{"choices":[],"usage":null}',
      '{"choices":[{"delta":{}}],"usage":{"prompt_tokens":9,"completion_tokens":12}}',
      '{"choices":[],"usage":{"prompt_tokens":9},"error":{"message":"no"}}',
      '{"choices":[{"choices":[]}],"usage":{"prompt_tokens":9}}',
      `${usageChunk.slice(0, -1)},"x":"${'x'.repeat(MOST_HELD_BYTES)}"}`,
    ];
    const text = others.map((json) => event(json)).join('');
    expect(sifted(text)).toBe(text);
  });

  it('says whether a comment may be put in', () => {
    const tap = new EventTap({ dropsUsage: false });
    const at = (text: string): boolean => {
      tap.pass(Buffer.from(text));
      return tap.isAtBoundary;
    };
    expect(tap.isAtBoundary).toBe(true);
    expect(['dat', 'a: x', '\n', '\n'].map(at)).toEqual([false, false, false, true]);
    expect(['data: x\r', '\n', '\r', '\n'].map(at)).toEqual([false, false, true, true]);
    expect([': com', 'ment', '\n', 'id: 1\n', ': aside\n', '\n\n'].map(at)).toEqual([
      false,
      false,
      true,
      false,
      false,
      true,
    ]);
  });

  it('is at a boundary while it holds an event back', () => {
    const tap = new EventTap({ dropsUsage: true });
    tap.pass(Buffer.from(`${event(delta('a'))}data: {"ch`));
    expect(tap.isAtBoundary).toBe(true);
  });

  it('counts events with data, without comments and pings', () => {
    const text = [
      ': comment\n\n',
      'event: ping\ndata: {"type": "ping"}\n\n',
      'data: {"type": "ping"}\n\n',
      'event: message_stop\n\n',
      'data:\n\ndata\n\nid: 1\n\ndatax: 1\n\n',
      'data:x\n\n',
      '\n\ndata: a\ndata: b\n\n',
      'data: unfinished',
    ];
    expect(tapped(text.join('')).payloadEvents).toBe(3);
    expect(tapped('\uFEFFdata: x\n\n').payloadEvents).toBe(1);
  });

  it('reads the usage of every dialect', () => {
    expect(tapped(event(delta('a')) + event(usageChunk)).usage).toEqual(usageOfChunk);
    const anthropic =
      'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":10,"cache_read_input_tokens":90,"output_tokens":1}}}\n\n' +
      'event: message_delta\ndata: {"type":"message_delta","delta":{},"usage":{"output_tokens":15}}\n\n';
    expect(tapped(anthropic).usage).toEqual({ promptTokens: 100, completionTokens: 15, cachedTokens: 90 });
    const gemini = [1, 2].map((count) =>
      event(`{"usageMetadata":{"promptTokenCount":8,"candidatesTokenCount":${count},"thoughtsTokenCount":4}}`, '\r\n'),
    );
    expect(tapped(gemini.join('')).usage).toEqual({ promptTokens: 8, completionTokens: 6, cachedTokens: null });
    expect(tapped(event(delta('a'))).usage).toBeNull();
    expect(tapped('data: {"usage":\ndata: {"prompt_tokens":3}}\n\n').usage?.promptTokens).toBe(3);
  });

  it.each([
    ['{"error":{"message":"no"}}', true],
    ['{"id":"x","choices":[{"finish_reason":"error"}],"error":{"message":"no"}}', true],
    ['{"type":"error","error":{"type":"overloaded_error"}}', true],
    ['{"object":"error","message":"no"}', true],
    ['{"type":"response.failed","response":{"error":{"code":"x"}}}', true],
    ['{"id":"x","error":null,"choices":[]}', false],
    ['{"id":"x","error":"","choices":[]}', false],
    ['{"type":"response.created","response":{"error":{"code":"x"}}}', false],
    ['{"choices":[{"delta":{"content":"{\\"error\\":{}}"}}]}', false],
    ['{"choices":[{"finish_reason":"error"}]}', false],
  ])('knows whether %s is an error: %s', (json, isFailure) => {
    expect(tapped(event(json)).errorEvent?.toString() ?? null).toBe(isFailure ? json : null);
  });

  it('keeps the first error, told by its name too, and of a long one the beginning', () => {
    const named = tapped('event: error\ndata: {"message":"one"}\n\ndata: {"error":"two"}\n\n');
    expect(named.errorEvent?.toString()).toBe('{"message":"one"}');
    const long = tapped(event(`{"error":"${'x'.repeat(200_000)}"}`));
    expect(long.errorEvent?.length).toBe(MOST_HELD_BYTES - 'data: '.length);
  });

  it.each(['[DONE]', '{"type":"message_stop"}', '{ "type" : "response.incomplete" }', '{"type":"response.failed"}'])(
    'knows by %s that the stream is complete',
    (json) => {
      expect(tapped(event(delta('a'))).isDone).toBe(false);
      expect(tapped(event(json)).isDone).toBe(true);
      expect(tapped(`data: ${json}`).isDone).toBe(true);
    },
  );

  it('knows by an event name that the stream is complete', () => {
    for (const name of ['message_stop', 'response.completed', 'response.incomplete', 'response.failed']) {
      expect(tapped(`event: ${name}\ndata: {}\n\n`).isDone).toBe(true);
    }
    expect(tapped('event: message_start\ndata: {}\n\n').isDone).toBe(false);
  });
});
