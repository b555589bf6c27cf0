import type { Provider } from '@nestjs/common';
import { PollingStrategy } from './polling.strategy';
import { RandomSource } from './random-source';
import { RandomStrategy } from './random.strategy';
import type { SelectionStrategy } from './selection-strategy';
import { SELECTION_STRATEGIES } from './selector.tokens';

// A new strategy is one file and one entry here.
const STRATEGIES = [PollingStrategy, RandomStrategy];

/** The strategies and their typed list. */
export const strategyProviders: Provider[] = [
  RandomSource,
  ...STRATEGIES,
  {
    provide: SELECTION_STRATEGIES,
    inject: STRATEGIES,
    useFactory: (...strategies: SelectionStrategy[]) => strategies,
  },
];
