import { problemWithParamOverride } from './param-override.rule';

function nested(levels: number): unknown {
  return levels === 0 ? 1 : [nested(levels - 1)];
}

describe(problemWithParamOverride, () => {
  it.each([
    [{}],
    [{ temperature: 0.2, user: null, stop: ['a', ''], metadata: { a: null, b: [true, { c: -1.5e300 }] } }],
    [JSON.parse('{"__proto__":{"a":1},"constructor":null}')],
    [{ deep: nested(16) }],
    [{ text: 'x'.repeat(65_000) }],
  ])('takes %j', (value) => {
    expect(problemWithParamOverride(value)).toBeNull();
  });

  it.each([[null], [[]], ['x'], [Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`x${i}`, 1]))]])(
    'refuses %j, which is no object of at most 64 fields',
    (value) => {
      expect(problemWithParamOverride(value)).toMatch(/^must be an object of at most 64 fields/);
    },
  );

  it.each([
    [{ model: 'gpt-4o' }, '"model", model_mapping says'],
    [{ a: 1, stream: null }, '"stream", the caller alone says'],
    [{ '': 1 }, 'must be a text'],
    [{ ['x'.repeat(201)]: 1 }, 'must be a text'],
    [{ a: 'x'.repeat(65_536) }, '64 KiB'],
    [{ a: '\u4f60'.repeat(30_000) }, '64 KiB'],
    [{ a: nested(17) }, '16 levels deep'],
    [{ a: ['x\0'] }, 'cannot be stored'],
    [{ a: { '\ud800': 1 } }, 'cannot be stored'],
    [JSON.parse('{"a":[1e400]}'), 'would not stay'],
    [JSON.parse('{"seed":12345678901234567890}'), 'would not stay'],
  ])('refuses %j and says why', (value, why) => {
    expect(problemWithParamOverride(value)).toContain(why);
  });
});
