import { Injectable } from '@nestjs/common';
import { KeyStateRepository } from './key-state.repository';
import type { KeyTransition } from './key-transition';
import { KeyTransactions } from './key-transactions';

/** What a list of transitions did. */
export interface AppliedTransitions {
  readonly keyIds: ReadonlySet<number>;
  readonly revision: number;
}

/** Stores what became of keys without an admin: each change stands only if its key is still as it was seen. */
@Injectable()
export class KeyTransitions {
  constructor(
    private readonly transactions: KeyTransactions,
    private readonly states: KeyStateRepository,
  ) {}

  /** Which keys changed, and the revision that they have now; announced after commit. */
  async apply(channelId: number, transitions: readonly KeyTransition[]): Promise<AppliedTransitions> {
    return this.transactions.change(channelId, async (transaction, channel) => {
      const keyIds = new Set<number>();
      for (const alike of groupAlike(transitions)) {
        for (const id of await this.states.apply(transaction, channel, alike)) keyIds.add(id);
      }
      return { keyIds, revision: channel.revision };
    });
  }
}

/** One list for each target and actor. */
function groupAlike(transitions: readonly KeyTransition[]): Iterable<readonly KeyTransition[]> {
  const groups = new Map<string, KeyTransition[]>();
  for (const transition of transitions) {
    const name = `${transition.to} ${transition.actor}`;
    const group = groups.get(name);
    if (group) group.push(transition);
    else groups.set(name, [transition]);
  }
  return groups.values();
}
