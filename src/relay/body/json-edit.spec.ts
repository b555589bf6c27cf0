import fc from 'fast-check';
import { scanBody } from './body-scan';
import { editFields } from './json-edit';

type Edits = Record<string, string | null>;

const edit = (json: string, edits: Edits): string =>
  editFields(Buffer.from(json), new Map(Object.entries(edits))).toString();

/** Numbers that a parser would not keep as they are written. */
const numberText = fc.constantFrom('1e400', '12345678901234567890', '-0', '0.10', '1E+2', '5e-324');
const valueText = fc.oneof(
  numberText,
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.jsonValue().map((value) => JSON.stringify(value, null, 1)),
  numberText.map((text) => `[ ${text},{"a" : ${text}} ]`),
);
const space = fc.constantFrom('', '', ' ', '\n\t', '\r\n  ');
const name = fc.constantFrom('a', 'b', 'c', 'model', '__proto__', 'a"b', '模型', '');
const field = fc.record({
  name,
  isEscaped: fc.boolean(),
  value: valueText,
  space: fc.tuple(space, space, space, space),
});
const edits = fc.array(fc.tuple(name, fc.oneof(valueText, fc.constant(null))), { maxLength: 4 });

const escaped = (text: string): string =>
  text.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

function print(fields: { name: string; isEscaped: boolean; value: string; space: string[] }[]): string {
  const texts = fields.map(({ name: key, isEscaped, value, space: [before, middle, after, end] }) => {
    const text = isEscaped ? `"${escaped(key)}"` : JSON.stringify(key);
    return [before, text, middle, ':', after, value, end].join('');
  });
  return ` {${texts.join(',')}} `;
}

/** A body as pairs of key and text of the value, in the order of the bytes. */
function pairs(fields: { name: string; value: string }[]): [string, string][] {
  return fields.map((one) => [one.name, one.value]);
}

/** What the pairs should become. */
function edited(before: [string, string][], changes: ReadonlyMap<string, string | null>): [string, string][] {
  const isLast = (key: string, index: number): boolean => before.findLastIndex(([other]) => other === key) === index;
  const left = before.flatMap(([key, value], index): [string, string][] => {
    const change = changes.get(key);
    if (change === undefined) return [[key, value]];
    return change === null || !isLast(key, index) ? [] : [[key, change]];
  });
  const added = [...changes].filter(([key, value]) => value !== null && !before.some(([other]) => other === key));
  return [...added.map(([key, value]): [string, string] => [key, value ?? '']), ...left];
}

describe(editFields.name, () => {
  it.each<[string, Edits, string]>([
    [
      '{ "a": {"model": "x"},\n "model" : "x" , "b": "x" }',
      { model: '"y"' },
      '{ "a": {"model": "x"},\n "model" : "y" , "b": "x" }',
    ],
    ['{"mod\\u0065l":"\\u0078\\""}', { model: '"y"' }, '{"mod\\u0065l":"y"}'],
    ['{"a":1,"b":2,"c":3}', { a: null }, '{"b":2,"c":3}'],
    ['{"a":1,"b":2,"c":3}', { b: null }, '{"a":1,"c":3}'],
    ['{"a":1,"b":2,"c":3}', { c: null }, '{"a":1,"b":2}'],
    ['{"a":1,"b":2,"c":3}', { a: null, b: null }, '{"c":3}'],
    ['{"a":1,"b":2,"c":3}', { b: null, c: null }, '{"a":1}'],
    ['{"a":1,"b":2,"c":3}', { a: null, c: null }, '{"b":2}'],
    ['{ "a" : 1 , "b" : 2 }', { a: null, b: null }, '{  }'],
    ['{\n  "a": 1,\n  "b": 2\n}', { b: null }, '{\n  "a": 1\n}'],
    ['{}', { a: '1' }, '{"a":1}'],
    [' { } ', { a: '1', b: '[2]' }, ' {"a":1,"b":[2] } '],
    ['{"b":2}', { a: '1' }, '{"a":1,"b":2}'],
    ['{"b":2}', { a: '1', b: null }, '{"a":1}'],
    ['{"a":1,"b":2,"\\u0061":3}', { a: null }, '{"b":2}'],
    ['{"a":1,"b":2,"\\u0061":3}', { a: '4' }, '{"b":2,"\\u0061":4}'],
    ['{"a":1,"a":4}', { a: '4' }, '{"a":4}'],
  ])('turns %s by %j into %s', (json, changes, expected) => {
    expect(edit(json, changes)).toBe(expected);
  });

  it('gives the body itself back when nothing changes', () => {
    const body = Buffer.from('{"a":1.0,"b":"x"}');
    for (const changes of [{}, { c: null }, { a: '1.0' }, { b: '"x"', c: null }] as Edits[]) {
      expect(editFields(body, new Map(Object.entries(changes)))).toBe(body);
    }
  });

  it('leaves the original body as it was', () => {
    const body = Buffer.from('{"model":"x","a":1}');
    editFields(
      body,
      new Map([
        ['model', '"longer"'],
        ['a', null],
      ]),
    );
    expect(body.toString()).toBe('{"model":"x","a":1}');
  });

  it('keeps bytes that are not valid UTF-8', () => {
    const tail = Buffer.from([0x22, 0xff, 0xc3, 0x22, 0x7d]);
    const body = Buffer.concat([Buffer.from('{"model":"x","a":'), tail]);
    const expected = Buffer.concat([Buffer.from('{"model":"y","a":'), tail]);
    expect(editFields(body, new Map([['model', '"y"']]))).toEqual(expected);
  });

  it('changes what it is asked to and no other byte of any value', () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 6 }), edits, (fields, changes) => {
        const body = Buffer.from(print(fields));
        const map = new Map(changes);
        const after = editFields(body, map).toString();
        const expected = edited(pairs(fields), map);
        expect(JSON.parse(after)).toEqual(JSON.parse(print(expected.map(asField))));
        expect(squeezed(after)).toBe(squeezed(print(expected.map(asField))));
      }),
      { numRuns: 2000 },
    );
  });

  it('makes a body that the scan accepts as it accepted the first', () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 6 }), edits, (fields, changes) => {
        const unnamed = fields.filter((one) => one.name !== 'model');
        const map = new Map(changes.filter(([key]) => key !== 'model'));
        const after = editFields(Buffer.from(print(unnamed)), map.set('model', '"x"'));
        expect(scanBody(after)).toEqual({ model: 'x', stream: false });
      }),
    );
  });
});

function asField([key, value]: [string, string]): { name: string; isEscaped: boolean; value: string; space: string[] } {
  return { name: key, isEscaped: false, value, space: [] };
}

/** The document with the space outside of strings gone and keys unescaped, all numbers left digit for digit. */
function squeezed(json: string): string {
  return json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, text?: string) =>
    text === undefined ? '' : JSON.stringify(JSON.parse(text)),
  );
}
