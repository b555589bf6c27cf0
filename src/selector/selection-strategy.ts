import type { SelectionMode } from '../channels/selection-mode';
import type { KeyRing } from './key-ring';

/**
 * Chooses the key that serves the next attempt of a request.
 *
 * `pick` is called once an attempt, on the hot path: it is synchronous, allocates nothing, never throws and does no I/O.
 * Whatever it has to remember between picks is the ring's `cursor`, so one instance serves every ring.
 */
export interface SelectionStrategy {
  readonly mode: SelectionMode;

  /**
   * A member of `ring` that is not in `excluded`, or -1 when none is left.
   * `excluded` holds the slots this request has already tried, at most 3, in any order; they need not be members any more.
   */
  pick(ring: KeyRing, excluded: readonly number[]): number;
}
