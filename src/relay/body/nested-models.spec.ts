import { batchModels, geminiModels, NestedModels } from './nested-models';
import type { ContentChanges } from './request-content';

function aBatch(json: string): NestedModels {
  const bytes = Buffer.from(json);
  return new NestedModels(bytes, batchModels(bytes));
}

function aGeminiBody(json: string): NestedModels {
  const bytes = Buffer.from(json);
  return new NestedModels(bytes, geminiModels(bytes));
}

const NOTHING: ContentChanges = { modelFor: (model) => model, model: null, fields: new Map() };

describe(batchModels, () => {
  it('asks for every model that an entry names, each once', () => {
    const batch = aBatch(
      '{"requests":[{"custom_id":"1","params":{"model":"a","x":{"model":"no"}}},{"params":{"model":"b"}}, {"params":{"model":"a"}}]}',
    );
    expect(batch.models).toEqual(['a', 'b']);
  });

  it('counts a model that is named twice or in a repeated field, as any of them may be taken', () => {
    const batch = aBatch(
      '{"requests":[{"params":{"model":"a","model":"b"},"params":{"model":"c"}}],"requests":[{"params":{"mod\\u0065l":"d"}}]}',
    );
    expect(batch.models).toEqual(['a', 'b', 'c', 'd']);
  });

  it('counts a model whatever the case of the keys', () => {
    expect(aBatch('{"Requests":[{"Params":{"MODEL":"a"}}]}').models).toEqual(['a']);
  });

  it.each(['{}', '{"requests":[]}', '{"requests":{}}', '{"requests":[1,"x",[],{}]}', '{"requests":[{"params":[]}]}'])(
    'names no model in %s',
    (json) => {
      expect(aBatch(json).models).toEqual([]);
    },
  );

  it('is sent as it came where no model has another name, and else changes nothing but that', () => {
    const json = '{ "requests": [ {"params": {"n": 1.0, "model": "a" } }, {"params":{"model":"b"}} ] , "x": 1e400 }';
    const batch = aBatch(json);
    expect(batch.outgoing(NOTHING).body).toBe(batch.json);
    const { body } = batch.outgoing({ ...NOTHING, modelFor: (model) => (model === 'a' ? 'org/a"' : model) });
    expect((body as Buffer).toString()).toBe(json.replace('"a"', '"org/a\\""'));
  });
});

describe(geminiModels, () => {
  const JSON_TEXT =
    '{"requests":[{"model":"models/a","content":{"model":"no"}},{"model":"b"}],"generateContentRequest":{"model":"models/c"},"model":"models/d"}';

  it('finds what the body names beside the path, less the prefix', () => {
    expect(aGeminiBody(JSON_TEXT).models).toEqual(['a', 'b', 'c', 'd']);
    expect(aGeminiBody('{"contents":[{"parts":[{"text":"model"}]}]}').models).toEqual([]);
  });

  it('renames each where it stands, prefix kept, and sets fields of the channel', () => {
    const fields = new Map([['labels', '{"a":1}']]);
    const { body } = aGeminiBody(JSON_TEXT).outgoing({ modelFor: (model) => `x-${model}`, model: null, fields });
    expect((body as Buffer).toString()).toBe(
      `{"labels":{"a":1},${JSON_TEXT.slice(1).replace(/"(models\/)?([abcd])"/g, '"$1x-$2"')}`,
    );
  });
});
