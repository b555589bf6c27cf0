import { problemWithShape } from './json-shape';

const nested = (depth: number): unknown => JSON.parse('{"a":'.repeat(depth) + '1' + '}'.repeat(depth));

describe(problemWithShape, () => {
  it('finds nothing wrong with a body of 64 levels, a list or a plain value', () => {
    for (const body of [nested(64), { keys: ['a', 'b'] }, [], null, undefined, 'text']) {
      expect(problemWithShape(body)).toBeNull();
    }
  });

  it.each([65, 5_000, 200_000])('refuses %i levels', (depth) => {
    expect(problemWithShape(depth > 10_000 ? deepList(depth) : nested(depth))).toContain('64 levels');
  });

  it.each(['__proto__', 'constructor', 'prototype'])('refuses a field called %s', (name) => {
    expect(problemWithShape(JSON.parse(`{"${name}":{}}`))).toBe(`property ${name} should not exist`);
  });
});

function deepList(depth: number): unknown {
  let list: unknown[] = [];
  for (let i = 0; i < depth; i++) list = [list];
  return list;
}
