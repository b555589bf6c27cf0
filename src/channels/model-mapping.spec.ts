import fc from 'fast-check';
import { ModelMapping } from './model-mapping';

/** The same question by recursion, which tries everything. */
function matches(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  const [first = '', rest] = [pattern[0], pattern.slice(1)];
  if (first === '*') return matches(rest, text) || (text !== '' && matches(pattern, text.slice(1)));
  return text.startsWith(first) && matches(rest, text.slice(1));
}

describe(ModelMapping, () => {
  it('leaves a model as it is that is not mapped', () => {
    const mapping = new ModelMapping({ 'gpt-4': 'gpt-4o', 'claude-*': 'c-*' });
    for (const model of ['gpt-4o', 'GPT-4', 'xclaude-3', '', 'toString', '__proto__']) {
      expect([mapping.map(model), mapping.accepts(model)]).toEqual([model, false]);
    }
  });

  it('maps an exact name before any wildcard', () => {
    const mapping = new ModelMapping({ '*': 'other', 'gpt-4*': 'wild', 'gpt-4': 'exact' });
    expect(mapping.map('gpt-4')).toBe('exact');
    expect(mapping.exactNames).toEqual(['gpt-4']);
  });

  it.each([
    ['gpt-*', 'openai/gpt-*', 'gpt-4o', 'openai/gpt-4o'],
    ['*', 'gpt-4o', 'anything', 'gpt-4o'],
    ['*', 'vendor/*', '', 'vendor/'],
    ['*-latest', '*', 'claude-latest', 'claude'],
    ['a*c', '*', 'ac', ''],
    ['a*c', '*/*', 'abc', 'b/b'],
    ['*-*-x', '*', 'one-two-three-x', 'one'],
    ['a**z', '*', 'abcz', 'bc'],
    ['claude-*', '$&$1-*', 'claude-$$', '$&$1-$$'],
  ])('maps by %j to %j the model %j to %j', (pattern, target, model, expected) => {
    const mapping = new ModelMapping({ [pattern]: target });
    expect([mapping.map(model), mapping.accepts(model)]).toEqual([expected, true]);
  });

  it.each([
    ['gpt-*', 'agpt-4'],
    ['*-mini', 'gpt-mini-x'],
    ['ab*ba', 'aba'],
    ['*x*', 'gpt'],
    ['a*b*b', 'ab'],
    ['gpt.*', 'gpt-4'],
  ])('does not take %j for a pattern of %j', (pattern, model) => {
    expect(new ModelMapping({ [pattern]: 'other' }).accepts(model)).toBe(false);
  });

  it('prefers the wildcard with the most literal text, then the first in the order of characters', () => {
    const mapping = {
      '*': 'any',
      'gpt-*': 'family',
      'gpt-4*': 'four',
      '*-mini': 'mini',
      'gpt-*-mini': 'both',
      '*-4o': 'o',
    };
    const expected = { o1: 'any', 'gpt-3': 'family', 'gpt-4-mini': 'both', 'o3-mini': 'mini', 'gpt-4o': 'four' };
    for (const entries of [Object.entries(mapping), Object.entries(mapping).reverse()]) {
      const built = new ModelMapping(Object.fromEntries(entries));
      for (const [model, target] of Object.entries(expected)) expect(built.map(model)).toBe(target);
      expect(new ModelMapping(Object.fromEntries([...entries, ['*pt-4', 'early']])).map('gpt-4')).toBe('four');
      expect(new ModelMapping(Object.fromEntries([...entries, ['*gpt-4', 'early']])).map('gpt-4')).toBe('early');
    }
  });

  it('knows __proto__ and constructor for names like others', () => {
    const mapping = new ModelMapping(JSON.parse('{"__proto__":"a","constructor":"b"}') as Record<string, string>);
    expect([mapping.map('__proto__'), mapping.map('constructor')]).toEqual(['a', 'b']);
  });

  it('agrees with a search that tries everything', () => {
    const text = (letters: string[], maxLength: number): fc.Arbitrary<string> =>
      fc.array(fc.constantFrom(...letters), { maxLength }).map((drawn) => drawn.join(''));
    fc.assert(
      fc.property(text(['a', 'b', '*', '*'], 6), text(['a', 'b'], 8), (pattern, model) => {
        expect(new ModelMapping({ [pattern]: 'x' }).accepts(model)).toBe(matches(pattern, model));
      }),
      { numRuns: 2_000 },
    );
  });

  it('answers at once for patterns and models that are made to keep it searching', () => {
    const patterns = ['*a'.repeat(99), '*'.repeat(199), `${'a*'.repeat(99)}b`, `*${'a'.repeat(100)}*b`];
    const models = ['a'.repeat(999), 'a'.repeat(1_000_000), `${'a'.repeat(500)}c`];
    const mapping = new ModelMapping(Object.fromEntries(patterns.map((pattern) => [`${pattern}!`, 'x'])));
    for (const model of models) {
      for (let i = 0; i < 1_000; i++) expect(mapping.accepts(model)).toBe(false);
    }
  });
});
