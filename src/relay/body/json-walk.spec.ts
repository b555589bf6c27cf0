import fc from 'fast-check';
import { afterScalar, afterValue, NONE, spells, valueAfterKey } from './json-walk';

const pass = (json: string): number => afterValue(Buffer.from(json), 0);

describe(afterValue.name, () => {
  it('passes any value, whatever follows', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom('', ',1', ']', '}', ' ,"x":"y"'),
        fc.nat(2),
        (value, rest, indent) => {
          const json = JSON.stringify(value, null, indent);
          expect(pass(json + rest)).toBe(Buffer.byteLength(json));
        },
      ),
    );
  });

  it('is not misled by brackets and quotes within strings', () => {
    const json = '{"a]":["}","\\"]",{"[":"{"}],"b\\\\":[]}';
    expect(pass(`${json}]`)).toBe(json.length);
  });

  it.each(['', '{"a":1', '[[1]', '"a', '["a]', '"a\\', ']', '}', ',', 'tru'])('finds no end in %j', (json) => {
    expect(pass(json)).toBe(NONE);
  });

  it('goes nowhere from where nothing is', () => {
    expect(afterValue(Buffer.from('{}'), NONE)).toBe(NONE);
    expect(afterScalar(Buffer.from('1'), NONE)).toBe(NONE);
    expect(valueAfterKey(Buffer.from('"a":1'), NONE)).toBe(NONE);
  });
});

describe(spells.name, () => {
  it('reads a key with its escapes, in any case where the bit says so', () => {
    const key = Buffer.from('"Mod\\u0045l"');
    expect([spells(key, 0, 'model', 0x20), spells(key, 0, 'model', 0), spells(key, 0, 'mode', 0x20)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
