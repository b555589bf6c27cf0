import { Injectable } from '@nestjs/common';
import { SELECTION_MODES } from '../channels/selection-mode';
import type { KeyRing } from './key-ring';
import { RandomSource } from './random-source';
import type { SelectionStrategy } from './selection-strategy';

/** Takes every key that is left with the same probability, in one draw however many are excluded. */
@Injectable()
export class RandomStrategy implements SelectionStrategy {
  readonly mode = SELECTION_MODES.random;

  constructor(private readonly randomSource: RandomSource) {}

  pick(ring: KeyRing, excluded: readonly number[]): number {
    const drawn = this.draw(ring, ring.size);
    // Nearly always the end of it, and fair: a draw that is not excluded is uniform over what is not excluded.
    return excluded.includes(drawn) ? this.pickFromRest(ring, excluded) : drawn;
  }

  private pickFromRest(ring: KeyRing, excluded: readonly number[]): number {
    const choices = ring.size - countExcluded(ring, excluded, Infinity);
    return choices === 0 ? -1 : stepPastExcluded(ring, excluded, this.draw(ring, choices));
  }

  /** One of the lowest `choices` members. */
  private draw(ring: KeyRing, choices: number): number {
    return ring.select(Math.floor(this.randomSource.next() * choices));
  }
}

/** The draw ranks only what is left, so it moves on by one key that is left for every excluded member at or below it. */
function stepPastExcluded(ring: KeyRing, excluded: readonly number[], drawn: number): number {
  let slot = drawn;
  let steps = countExcluded(ring, excluded, drawn);
  while (steps > 0) {
    slot = ring.next(slot + 1);
    steps -= excluded.includes(slot) ? 0 : 1;
  }
  return slot;
}

/** How many members up to `highest` are excluded; one listed twice counts once, where it is listed first. */
function countExcluded(ring: KeyRing, excluded: readonly number[], highest: number): number {
  let count = 0;
  for (let index = 0; index < excluded.length; index++) {
    const slot = excluded[index] ?? -1;
    if (slot <= highest && ring.has(slot) && excluded.indexOf(slot) === index) {
      count++;
    }
  }
  return count;
}
