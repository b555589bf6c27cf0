import fc from 'fast-check';
import { readKeyList } from './key-list';

const aKey = 'sk-1234567890abcdef1234567890abcdef';

describe(readKeyList, () => {
  it.each([
    ['white space', `  ${aKey}\t\r\n`],
    ['a byte order mark', `\uFEFF${aKey}`],
    ['a no-break space and a zero-width space', `\u00A0\u200B${aKey}\u200B`],
    ['straight quotes and a comma', `"${aKey}",`],
    ['curly quotes', `“${aKey}”`],
    ['a Bearer prefix', `Bearer ${aKey}`],
    ['all of it at once', `\uFEFF "bearer  ${aKey}" ,\r`],
  ])('strips %s around a key', async (_, text) => {
    expect(await readKeyList([text])).toEqual({ keys: [aKey], duplicateCount: 0, problems: [] });
  });

  it('drops blank lines and counts duplicates, keeping the first place', async () => {
    const other = `${aKey}0`;
    expect(await readKeyList(['', aKey, '   ', other, `"${aKey}"`])).toEqual({
      keys: [aKey, other],
      duplicateCount: 1,
      problems: [],
    });
  });

  it.each([
    ['short12', 'is shorter than 8 characters'],
    ['x'.repeat(513), 'is longer than 512 characters'],
    [`sk-12345 67890`, 'holds the character U+0020'],
    [`sk-1234é567890`, 'holds the character U+00E9'],
    [`sk-123456\u200B7890`, 'holds the character U+200B'],
    [`${aKey}\n${aKey}0`, 'holds a line break'],
  ])('sets %j aside: it %s', async (text, reason) => {
    const { keys, problems } = await readKeyList([aKey, text]);
    expect(keys).toEqual([aKey]);
    expect(problems).toEqual([
      { line: 2, reason: expect.stringContaining(reason) as string, key: expect.any(String) as string },
    ]);
  });

  it('never shows a refused key in full', async () => {
    const { problems } = await readKeyList([`${aKey}é`]);
    expect(JSON.stringify(problems)).not.toContain(aKey);
  });

  it('reads long runs of commas inside lines without holding up anybody', async () => {
    const lines = Array<string>(2_000).fill(`a${','.repeat(2_000)}b`);
    const { problems } = await readKeyList(lines);
    expect(problems).toHaveLength(2_000);
  });

  it('lets only keys of 8 to 512 printable characters through, each once, and accounts for every line', async () => {
    const lines = fc.array(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 30 }),
        fc.string({ minLength: 1, maxLength: 600 }),
        fc.constant(aKey),
      ),
    );
    await fc.assert(
      fc.asyncProperty(lines, async (texts) => {
        const { keys, duplicateCount, problems } = await readKeyList(texts);
        expect(new Set(keys).size).toBe(keys.length);
        for (const key of keys) expect(key).toMatch(/^[\x21-\x7e]{8,512}$/);
        expect(keys.length + duplicateCount + problems.length).toBeLessThanOrEqual(texts.length);
        expect((await readKeyList(keys)).keys).toEqual(keys);
      }),
    );
  });
});
