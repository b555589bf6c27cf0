import * as fc from 'fast-check';
import { ATTEMPT_ENDS, type AttemptEnd, PROBE_ENDS } from './key-state-model';

export const MODELS = ['model-a', 'model-b'] as const;

// Enough successes that the channel's breaker never opens: it would keep attempts from counting against keys.
const anAttemptEnd = fc.constantFrom<AttemptEnd>('success', 'success', 'success', ...ATTEMPT_ENDS);

/** What happens to one key in one round; `which` chooses among its attempts, strikes or probes that are under way. */
const aKeyCommand = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('begin attempt'), model: fc.constantFrom(...MODELS) }) },
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constant('end attempt'), which: fc.nat(3), end: anAttemptEnd }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('refund'), which: fc.nat(3) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('begin probe') }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('end probe'), which: fc.nat(3), end: fc.constantFrom(...PROBE_ENDS) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('enable') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('disable') }) },
);

export type KeyCommand = typeof aKeyCommand extends fc.Arbitrary<infer T> ? T : never;

/**
 * What all keys share in one round: whether the pool hears at once of what admins and probes store, and what happens in
 * the end.
 */
const aRound = fc.record({
  isHeard: fc.boolean(),
  then: fc.oneof(
    { weight: 4, arbitrary: fc.constant('nothing' as const) },
    { weight: 6, arbitrary: fc.constant('flush' as const) },
    { weight: 2, arbitrary: fc.constant('resync' as const) },
    { weight: 2, arbitrary: fc.constant('let 30 s pass' as const) },
    { weight: 1, arbitrary: fc.constant('import again' as const) },
  ),
});

export type Round = typeof aRound extends fc.Arbitrary<infer T> ? T : never;

/** The rounds of one run, and what each key goes through in them. */
export interface History {
  readonly rounds: readonly Round[];
  readonly keys: readonly (readonly KeyCommand[])[];
}

const MOST_ROUNDS = 30;

/** A history of exactly so many keys, which may shrink to fewer. */
export function historyOf(keyCount: number): fc.Arbitrary<History> {
  const commands = fc.array(aKeyCommand, { maxLength: MOST_ROUNDS, size: 'max' });
  return fc.record({
    rounds: fc.array(aRound, { minLength: 1, maxLength: MOST_ROUNDS, size: 'max' }),
    keys: new FullArray(commands, keyCount),
  });
}

/** An array that begins with its greatest length and yet shrinks to shorter ones. */
class FullArray<T> extends fc.Arbitrary<T[]> {
  private readonly full: fc.Arbitrary<T[]>;
  private readonly shorter: fc.Arbitrary<T[]>;

  constructor(item: fc.Arbitrary<T>, length: number) {
    super();
    this.full = fc.array(item, { minLength: length, maxLength: length, size: 'max' });
    this.shorter = fc.array(item, { minLength: 1, maxLength: length, size: 'max' });
  }

  override generate(source: fc.Random, biasFactor: number | undefined): fc.Value<T[]> {
    return this.full.generate(source, biasFactor);
  }

  override canShrinkWithoutContext(value: unknown): value is T[] {
    return this.shorter.canShrinkWithoutContext(value);
  }

  override shrink(value: T[], context: unknown): fc.Stream<fc.Value<T[]>> {
    return this.shorter.shrink(value, context);
  }
}
