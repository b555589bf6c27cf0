import type { ChannelRoute } from './channel-route';
import { ModelIndex, servedModels, servesModel } from './model-index';
import { ModelMapping } from './model-mapping';

function aRoute(id: number, models: string[], mapping: Record<string, string> = {}): ChannelRoute {
  return { id, models, modelMapping: new ModelMapping(mapping) } as Partial<ChannelRoute> as ChannelRoute;
}

const NAMED = aRoute(1, ['gpt-4o'], { mine: 'gpt-4o' });
const ANY = aRoute(2, []);
const WILD = aRoute(3, ['o1'], { 'gpt-*': 'vendor/gpt-*' });

describe(ModelIndex, () => {
  function found(routes: ChannelRoute[], model: string): number[] {
    return new ModelIndex(routes).find(model).map(({ id }) => id);
  }

  it.each([
    ['gpt-4o', [1, 2, 3]],
    ['mine', [1, 2]],
    ['o1', [2, 3]],
    ['gpt-5', [2, 3]],
    ['claude', [2]],
    ['__proto__', [2]],
  ])('finds the channels for %s by name, by wildcard, and those for any model', (model, ids) => {
    expect(found([NAMED, ANY, WILD], model)).toEqual(ids);
    expect(found([WILD, ANY, NAMED], model)).toEqual([...ids].reverse());
  });

  it('finds no channel for a model that none serves', () => {
    expect(found([NAMED, WILD], 'claude')).toEqual([]);
    expect(found([], 'gpt-4o')).toEqual([]);
  });

  it('finds each channel once, however often it names a model', () => {
    expect(found([aRoute(1, ['a', 'a'], { a: 'b', '*': 'c' })], 'a')).toEqual([1]);
  });
});

describe(servesModel, () => {
  it('agrees with the index', () => {
    for (const route of [NAMED, ANY, WILD]) {
      for (const model of ['gpt-4o', 'mine', 'o1', 'gpt-5', 'claude', '']) {
        expect(servesModel(route, model)).toBe(new ModelIndex([route]).find(model).length === 1);
      }
    }
  });
});

describe(servedModels, () => {
  it('names the models that are listed and those mapped one by one', () => {
    expect([NAMED, ANY, WILD].map(servedModels)).toEqual([['gpt-4o', 'mine'], [], ['o1']]);
  });
});
