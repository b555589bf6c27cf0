import fc from 'fast-check';
import { KeyFilter } from './key-filter';

const secret = 'sk-1234567890abcdef1234567890abcdef';
const mask = '*'.repeat(secret.length);

function filtered(chunks: readonly Buffer[], key = secret): string {
  const filter = new KeyFilter(key);
  const passed = chunks.map((chunk) => filter.pass(chunk));
  return Buffer.concat([...passed, filter.end() ?? Buffer.alloc(0)]).toString('latin1');
}

describe(KeyFilter, () => {
  it('passes bytes without the key as they are, and at once', () => {
    const filter = new KeyFilter(secret);
    const chunk = Buffer.from('data: {"content":"Hello"}\n\n');
    expect(filter.pass(chunk)).toBe(chunk);
    expect(filter.end()).toBeNull();
  });

  it('masks the key wherever chunks cut it', () => {
    const text = `a ${secret} b ${secret}${secret}`;
    for (let cut = 0; cut <= text.length; cut++) {
      expect(filtered([Buffer.from(text.slice(0, cut)), Buffer.from(text.slice(cut))])).toBe(
        `a ${mask} b ${mask}${mask}`,
      );
    }
    expect(filtered(Array.from(text, (character) => Buffer.from(character)))).toBe(`a ${mask} b ${mask}${mask}`);
  });

  it('holds back only what could be the beginning of the key, and gives it at the end', () => {
    const filter = new KeyFilter(secret);
    expect(filter.pass(Buffer.from('task: sk-12')).toString()).toBe('task: ');
    expect(filter.pass(Buffer.from('x sk')).toString()).toBe('sk-12x ');
    expect(filter.end()?.toString()).toBe('sk');
  });

  it('does the same to any cut of any text as to the whole, and never changes its length', () => {
    const key = 'abaabaab';
    const piece = fc.oneof(fc.constant(key), fc.stringMatching(/^[abc]{0,12}$/));
    fc.assert(
      fc.property(fc.array(piece), fc.array(fc.nat(80)), (pieces, cuts) => {
        const text = pieces.join('');
        const borders = [0, ...cuts.filter((cut) => cut < text.length).sort((one, other) => one - other), text.length];
        const chunks = borders.slice(1).map((end, i) => Buffer.from(text.slice(borders[i], end)));
        const result = filtered(chunks, key);
        expect(result).not.toContain(key);
        expect(result).toHaveLength(text.length);
        expect(result).toBe(text.replaceAll(key, '*'.repeat(key.length)));
      }),
    );
  });
});
