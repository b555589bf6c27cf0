import { Injectable } from '@nestjs/common';
import { SELECTION_MODES } from '../channels/selection-mode';
import type { KeyRing } from './key-ring';
import type { SelectionStrategy } from './selection-strategy';

/** Takes the keys strictly in index order, one step a pick, so that within any lap no key serves twice before each has served once. */
@Injectable()
export class PollingStrategy implements SelectionStrategy {
  readonly mode = SELECTION_MODES.polling;

  pick(ring: KeyRing, excluded: readonly number[]): number {
    let slot = ring.next(ring.cursor);
    // Each round meets a member not met before, so one round more than there are exclusions has met them all.
    for (let skipped = 0; skipped <= excluded.length && slot !== -1; skipped++) {
      if (!excluded.includes(slot)) {
        ring.cursor = slot + 1;
        return slot;
      }
      slot = ring.next(slot + 1);
    }
    return -1;
  }
}
