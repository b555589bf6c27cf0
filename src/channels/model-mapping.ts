/** Any text may stand in the place of its `*`s. */
interface Wildcard {
  readonly pattern: string;
  readonly target: string;
  readonly prefix: string;
  readonly middle: readonly string[];
  readonly suffix: string;
  readonly literalLength: number;
}

/** No model has a longer name, and whoever asks for one is not to keep us searching. */
const LONGEST_MATCHED = 1000;

/**
 * By which names an upstream is asked for models. An exact name decides before a `*` wildcard, among those the one with the
 * most literal text, then the first in the order of characters; in its target each `*` is what its first `*` stands for.
 */
export class ModelMapping {
  /** The names that are mapped one by one. */
  readonly exactNames: readonly string[];
  private readonly exact: ReadonlyMap<string, string>;
  private readonly wildcards: readonly Wildcard[];

  constructor(mapping: Readonly<Record<string, string>>) {
    const entries = Object.entries(mapping);
    this.exact = new Map(entries.filter(([name]) => !name.includes('*')));
    this.exactNames = [...this.exact.keys()];
    this.wildcards = entries
      .filter(([name]) => name.includes('*'))
      .map(([pattern, target]) => toWildcard(pattern, target))
      .sort((one, other) => other.literalLength - one.literalLength || (one.pattern < other.pattern ? -1 : 1));
  }

  get hasWildcards(): boolean {
    return this.wildcards.length > 0;
  }

  /** The upstream's name for this model; the same when it is not mapped. */
  map(model: string): string {
    return this.exact.get(model) ?? this.mapByWildcard(model) ?? model;
  }

  /** Whether it is mapped, be it to itself. */
  accepts(model: string): boolean {
    return this.exact.has(model) || this.mapByWildcard(model) !== null;
  }

  private mapByWildcard(model: string): string | null {
    if (model.length > LONGEST_MATCHED) return null;
    for (const wildcard of this.wildcards) {
      const matched = firstMatch(wildcard, model);
      if (matched !== null) return wildcard.target.replaceAll('*', () => matched);
    }
    return null;
  }
}

function toWildcard(pattern: string, target: string): Wildcard {
  const literals = pattern.split(/\*+/);
  return {
    pattern,
    target,
    prefix: literals[0] ?? '',
    middle: literals.slice(1, -1),
    suffix: literals.at(-1) ?? '',
    literalLength: literals.join('').length,
  };
}

/** What the first `*` stands for, null when the pattern does not fit; each literal is searched for once, from left to right. */
function firstMatch({ prefix, middle, suffix }: Wildcard, model: string): string | null {
  const end = model.length - suffix.length;
  if (end < prefix.length || !model.startsWith(prefix) || !model.endsWith(suffix)) return null;
  let firstEnd = -1;
  let from = prefix.length;
  for (const literal of middle) {
    const at = model.indexOf(literal, from);
    if (at === -1) return null;
    if (firstEnd === -1) firstEnd = at;
    from = at + literal.length;
  }
  return from <= end ? model.slice(prefix.length, firstEnd === -1 ? end : firstEnd) : null;
}
