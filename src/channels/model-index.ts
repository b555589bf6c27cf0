import type { ChannelRoute } from './channel-route';

/** The channels of one dialect by the models they serve; each answer is in the order in which the channels were given. */
export class ModelIndex {
  private readonly named: ReadonlyMap<string, readonly ChannelRoute[]>;
  private readonly forAnyModel: readonly ChannelRoute[];
  /** Those that serve models which nobody names: any model, or what a wildcard of theirs takes. */
  private readonly openEnded: readonly ChannelRoute[];
  private readonly hasWildcards: boolean;

  constructor(routes: readonly ChannelRoute[]) {
    this.forAnyModel = routes.filter(({ models }) => models.length === 0);
    this.openEnded = routes.filter(({ models, modelMapping }) => models.length === 0 || modelMapping.hasWildcards);
    this.hasWildcards = this.openEnded.length > this.forAnyModel.length;
    this.named = servingByName(routes);
  }

  /** One look-up for a model that some channel names; else one look at each channel that has wildcards, if there are any. */
  find(model: string): readonly ChannelRoute[] {
    const named = this.named.get(model);
    if (named) return named;
    return this.hasWildcards ? this.openEnded.filter((route) => servesModel(route, model)) : this.forAnyModel;
  }
}

/** The models that a channel names; one that names none, or wildcards beside them, serves others too. */
export function servedModels(route: ChannelRoute): readonly string[] {
  return [...route.models, ...route.modelMapping.exactNames];
}

export function servesModel(route: ChannelRoute, model: string): boolean {
  return route.models.length === 0 || route.models.includes(model) || route.modelMapping.accepts(model);
}

function servingByName(routes: readonly ChannelRoute[]): ReadonlyMap<string, readonly ChannelRoute[]> {
  const byName = new Map<string, ChannelRoute[]>(routes.flatMap(servedModels).map((model) => [model, []]));
  for (const route of routes) {
    const own = new Set(servedModels(route));
    const servesAny = route.models.length === 0;
    for (const name of servesAny || route.modelMapping.hasWildcards ? byName.keys() : own) {
      if (servesAny || own.has(name) || route.modelMapping.accepts(name)) byName.get(name)?.push(route);
    }
  }
  return byName;
}
