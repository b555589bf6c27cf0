import fc from 'fast-check';
import { scanBody } from './body-scan';
import { replaceModel } from './model-splice';

function splice(body: Buffer, model: string): Buffer {
  const scanned = scanBody(body);
  if (typeof scanned === 'string') throw new Error(scanned);
  return replaceModel(body, scanned, model);
}

const spliceText = (json: string, model: string): string => splice(Buffer.from(json), model).toString();

describe(replaceModel.name, () => {
  it('replaces the top-level model and nothing else', () => {
    expect(spliceText('{ "a": {"model": "x"},\n "model" : "x" , "b": "x" }', 'much-longer')).toBe(
      '{ "a": {"model": "x"},\n "model" : "much-longer" , "b": "x" }',
    );
  });

  it('keeps the digits of big numbers', () => {
    const json = '{"seed":12345678901234567890.123,"model":"x","n":1e400,"z":-0.0}';
    expect(spliceText(json, 'y')).toBe(json.replace('"x"', '"y"'));
  });

  it('escapes what the new name needs escaped', () => {
    const name = 'a"b\\c\nd\ud800 模型';
    expect(JSON.parse(spliceText('{"model":"x"}', name))).toEqual({ model: name });
  });

  it('replaces a model whose key and value are escaped', () => {
    expect(spliceText('{"mod\\u0065l":"\\u0078\\""}', 'y')).toBe('{"mod\\u0065l":"y"}');
  });

  it('keeps bytes that are not valid UTF-8', () => {
    const tail = Buffer.from([0x22, 0xff, 0xc3, 0x22, 0x7d]);
    const body = Buffer.concat([Buffer.from('{"model":"x","a":'), tail]);
    expect(splice(body, 'y')).toEqual(Buffer.concat([Buffer.from('{"model":"y","a":'), tail]));
  });

  it('leaves the original body as it was', () => {
    const body = Buffer.from('{"model":"x"}');
    splice(body, 'longer');
    expect(body.toString()).toBe('{"model":"x"}');
  });

  it('gives a body without a model back unchanged', () => {
    expect(spliceText('{"input":"x"}', 'y')).toBe('{"input":"x"}');
  });

  it('changes the model and leaves all else equal in any document', () => {
    const unicode = fc.string({ unit: 'binary' });
    const others = fc.array(fc.tuple(unicode, fc.jsonValue()), { maxLength: 5 });
    fc.assert(
      fc.property(others, unicode, unicode, fc.nat(3), (pairs, before, after, indent) => {
        const rest = pairs.filter(([key]) => !/^(model|stream)$/i.test(key));
        const document = Object.fromEntries([...rest.slice(0, 2), ['model', before], ...rest.slice(2)]);
        const json = JSON.stringify(document, null, indent);
        const spliced = JSON.parse(spliceText(json, after)) as Record<string, unknown>;
        expect(spliced['model']).toBe(after);
        expect(JSON.stringify({ ...spliced, model: before }, null, indent)).toBe(json);
      }),
    );
  });
});
