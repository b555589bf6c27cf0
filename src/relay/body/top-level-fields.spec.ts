import fc from 'fast-check';
import { NONE } from './json-walk';
import { type JsonField, listFields, topLevelFields, valueOf } from './top-level-fields';

const texts = (json: Buffer): [string, string][] =>
  listFields(json).map((field) => [field.key, json.toString('utf8', field.valueStart, field.valueEnd)]);

describe(listFields.name, () => {
  it('finds each field where it stands', () => {
    const json = ' { "a" : [1, 2],\n"b":{"a":"}"} , "c":-0 }';
    const expected: JsonField[] = [
      { key: 'a', keyStart: 3, valueStart: 9, valueEnd: 15 },
      { key: 'b', keyStart: 17, valueStart: 21, valueEnd: 30 },
      { key: 'c', keyStart: 33, valueStart: 37, valueEnd: 39 },
    ];
    expect(listFields(Buffer.from(json))).toEqual(expected);
  });

  it('reads keys as they are meant and repeats the repeated', () => {
    const json = Buffer.from('{"mod\\u0065l":1,"model":2,"":3,"a\\"b":4,"模型":5,"__proto__":6}');
    expect(listFields(json).map(({ key }) => key)).toEqual(['model', 'model', '', 'a"b', '模型', '__proto__']);
  });

  it('finds nothing in an empty object', () => {
    for (const json of ['{}', ' { } ', '{\n}']) expect(listFields(Buffer.from(json))).toEqual([]);
  });

  it('lists the fields of an object within', () => {
    const json = Buffer.from('{"a":{"b":1,"c":[]},"d":2}');
    expect(listFields(json, 5).map(({ key }) => key)).toEqual(['b', 'c']);
  });

  it('ends where the bytes do', () => {
    const json = Buffer.from('{"a":1,"b":{"c":"d"},"e":[1,2');
    expect(listFields(json).map(({ key, valueEnd }) => [key, valueEnd])).toEqual([
      ['a', 6],
      ['b', 20],
      ['e', NONE],
    ]);
    expect(listFields(Buffer.from('{"a":1,"b'))).toHaveLength(1);
  });

  it('never throws and never leaves the bytes, whatever they are', () => {
    const jsonLike = fc.array(fc.constantFrom(...Buffer.from('{}[]"\\:,u01ae ')), { maxLength: 40 });
    fc.assert(
      fc.property(fc.oneof(jsonLike, fc.array(fc.nat(255))), (bytes) => {
        const json = Buffer.from([0x7b, ...bytes]);
        for (const { valueStart, valueEnd } of listFields(json)) {
          expect(valueStart).toBeLessThanOrEqual(json.length);
          expect(valueEnd).toBeLessThanOrEqual(json.length);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('passes strings of many megabytes', () => {
    const image = 'iVBORw0K'.repeat(2_500_000);
    const json = Buffer.from(`{"messages":[{"image":"${image}"}],"b":1}`);
    expect(listFields(json).map(({ key }) => key)).toEqual(['messages', 'b']);
  });

  it('agrees with JSON.parse on any object', () => {
    const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue());
    fc.assert(
      fc.property(object, fc.nat(2), (value, indent) => {
        const json = Buffer.from(JSON.stringify(value, null, indent));
        const read = texts(json).map(([key, text]) => [key, JSON.parse(text) as unknown]);
        expect(read).toEqual(Object.entries(JSON.parse(json.toString()) as object));
      }),
    );
  });
});

describe(topLevelFields.name, () => {
  it('takes the last of repeated fields', () => {
    const json = Buffer.from('{"a":1,"b":2,"\\u0061":3}');
    const fields = topLevelFields(json);
    expect(fields.size).toBe(2);
    expect(valueOf(json, fields, 'a')?.toString()).toBe('3');
  });
});

describe(valueOf.name, () => {
  it('takes null for nothing', () => {
    const json = Buffer.from('{"a":null,"b":"null"}');
    const fields = topLevelFields(json);
    expect(['a', 'b', 'c'].map((key) => valueOf(json, fields, key)?.toString())).toEqual([
      undefined,
      '"null"',
      undefined,
    ]);
  });
});
