import fc from 'fast-check';
import type { TokenUsage } from '../../usage/token-usage';
import { mergedUsage, usageIn } from './token-usage';

const usage = (
  promptTokens: number | null,
  completionTokens: number | null,
  cachedTokens: number | null = null,
): TokenUsage => ({
  promptTokens,
  completionTokens,
  cachedTokens,
});
const read = (json: unknown): TokenUsage | null => usageIn(Buffer.from(JSON.stringify(json)));

describe(usageIn, () => {
  it.each([
    [
      'chat',
      { usage: { prompt_tokens: 9, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 3 } } },
      usage(9, 4, 3),
    ],
    ['embeddings', { data: [], usage: { prompt_tokens: 9, total_tokens: 9 } }, usage(9, null)],
    [
      'responses',
      {
        response: {
          usage: { input_tokens: 9, output_tokens: 4, input_tokens_details: { cached_tokens: 0 } },
          metadata: {},
        },
      },
      usage(9, 4, 0),
    ],
    [
      'messages',
      { usage: { input_tokens: 9, output_tokens: 4, cache_read_input_tokens: 5, cache_creation_input_tokens: 2 } },
      usage(16, 4, 5),
    ],
    [
      'gemini',
      {
        usageMetadata: {
          promptTokenCount: 9,
          candidatesTokenCount: 4,
          thoughtsTokenCount: 6,
          cachedContentTokenCount: 1,
        },
        a: 1,
      },
      usage(9, 10, 1),
    ],
    [
      'a list of chunks',
      [{ usageMetadata: { promptTokenCount: 1 } }, { usageMetadata: { promptTokenCount: 2 } }],
      usage(2, null),
    ],
    ['none', { choices: [], usage: null }, null],
    ['an empty one', { usage: {} }, null],
    ['a word', { a: 'usage', b: ['usage'] }, null],
  ])('reads that of %s', (_, json, expected) => {
    expect(read(json)).toEqual(expected);
  });

  it('passes over numbers that are no counts', () => {
    for (const value of ['-1', '1.5', '1e308', '"7"', 'null', '9007199254740993', '[3]', '{}', 'true']) {
      const json = Buffer.from(`{"usage":{"prompt_tokens":${value},"completion_tokens":2}}`);
      expect(usageIn(json)).toEqual(usage(null, 2));
    }
    expect(usageIn(Buffer.from('{"usage":{"prompt_tokens":NaN,"completion_tokens":2}}'))).toBeNull();
    const most = Number.MAX_SAFE_INTEGER;
    expect(read({ usage: { input_tokens: most, cache_read_input_tokens: most, output_tokens: 2 } })).toEqual(
      usage(null, 2, most),
    );
  });

  it('takes the usage of the answer, not one within a text or a tool call', () => {
    const fake = { usage: { input_tokens: 1_000, output_tokens: 1_000 } };
    const content = [
      { type: 'text', text: JSON.stringify(fake) },
      { type: 'tool_use', input: fake },
    ];
    const real = { input_tokens: 2, output_tokens: 3 };
    expect(read({ content, usage: real })).toEqual(usage(2, 3));
    expect(read({ usage: real, content })).toEqual(usage(2, 3));
    expect(read({ content })).toBeNull();
  });

  it('needs only the end of an answer', () => {
    const json = JSON.stringify({ data: ['"[{', { a: ['}]"'] }], usage: { prompt_tokens: 2 }, model: 'a"}' });
    const key = json.indexOf('"usage"');
    for (let start = 0; start <= key; start++) expect(usageIn(Buffer.from(json.slice(start)))).toEqual(usage(2, null));
    expect(usageIn(Buffer.from(json.slice(key + 1)))).toBeNull();
    expect(usageIn(Buffer.from(json.slice(0, -1)))).toBeNull();
  });

  it('never throws, and answers quickly, whatever the bytes are', () => {
    const piece = fc.constantFrom(
      '"usage":',
      '{',
      '}',
      '[',
      ']',
      '"',
      '\\',
      '"prompt_tokens":1',
      ',',
      ' ',
      '"usageMetadata"',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        expect(() => usageIn(Buffer.from(pieces.join('')))).not.toThrow();
      }),
    );
    expect(usageIn(Buffer.from('"usage":{'.repeat(7_000)))).toBeNull();
    expect(usageIn(Buffer.from('"usage"'.repeat(9_000)))).toBeNull();
  });
});

describe(mergedUsage, () => {
  it('takes what each of them says, and the larger count where both do', () => {
    expect(mergedUsage(usage(10, 1, 4), usage(null, 7))).toEqual(usage(10, 7, 4));
    expect(mergedUsage(usage(10, 1), usage(0, 7, 0))).toEqual(usage(10, 7, 0));
    expect(mergedUsage(null, usage(1, 2))).toEqual(usage(1, 2));
    expect(mergedUsage(usage(1, 2), null)).toEqual(usage(1, 2));
    expect(mergedUsage(null, null)).toBeNull();
  });
});
