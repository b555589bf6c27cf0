import { problemWithModelMapping } from './model-mapping.rule';

describe(problemWithModelMapping, () => {
  it.each([
    [{}],
    [{ 'gpt-4': 'gpt-4o' }],
    [{ 'gpt-*': 'openai/gpt-*', '*': 'gpt-4o', 'a*b*': '*/*' }],
    [JSON.parse('{"__proto__":"m","constructor":"m"}')],
  ])('takes %j', (value) => {
    expect(problemWithModelMapping(value)).toBeNull();
  });

  it.each([
    [null],
    [[]],
    [{ a: 1 }],
    [{ a: '' }],
    [{ '': 'a' }],
    [{ a: 'x'.repeat(201) }],
    [Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`a${i}`, 'b']))],
  ])('refuses %j, which is no object of model names', (value) => {
    expect(problemWithModelMapping(value)).toMatch(/^must be an object of at most 1000 model names/);
  });

  it('refuses a * to send that stands for nothing', () => {
    expect(problemWithModelMapping({ 'gpt-4': 'openai/*' })).toContain('the name asked for needs one too');
  });
});
