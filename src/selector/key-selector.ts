import { Inject, Injectable } from '@nestjs/common';
import type { ChannelRoute } from '../channels/channel-route';
import { KeySecrets } from '../keys/key-secrets';
import type { KeyPool } from './key-pool';
import { PoolRegistry } from './pool-registry';
import type { SelectionStrategy } from './selection-strategy';
import { SELECTION_STRATEGIES } from './selector.tokens';

/** A key chosen for one attempt. */
export interface KeyLease {
  readonly channelId: number;
  readonly keyId: number;
  readonly index: number;
  readonly secret: string;
}

/** Chooses the key that serves the next attempt, by the channel's mode. */
@Injectable()
export class KeySelector {
  /** Strategies at the place of their mode's number. */
  private readonly strategies: readonly (SelectionStrategy | undefined)[];

  constructor(
    private readonly pools: PoolRegistry,
    private readonly secrets: KeySecrets,
    @Inject(SELECTION_STRATEGIES) strategies: readonly SelectionStrategy[],
  ) {
    const byMode: SelectionStrategy[] = [];
    for (const strategy of strategies) byMode[strategy.mode] = strategy;
    this.strategies = byMode;
  }

  /** Null when the channel has no usable key outside `excluded`, the indices this request has tried. */
  lease(channel: ChannelRoute, excluded: readonly number[]): KeyLease | null {
    const pool = this.pools.find(channel.id);
    // Channel and keys come into memory one after the other: for a moment they may be of two states of the database, and
    // a key given for one destination must not reach another.
    if (pool?.origin !== channel.origin) return null;
    for (;;) {
      const slot = this.pick(channel, pool, excluded);
      if (slot === -1) return null;
      const keyId = pool.keyIdAt(slot);
      const secret = this.secrets.reveal(pool.ciphertextAt(slot), { keyId, channelId: channel.id });
      if (secret !== null) return { channelId: channel.id, keyId, index: slot, secret };
      pool.ring.delete(slot);
    }
  }

  private pick(channel: ChannelRoute, pool: KeyPool, excluded: readonly number[]): number {
    if (channel.isMultiKey) return this.strategies[channel.selectionMode]?.pick(pool.ring, excluded) ?? -1;
    // One key serves, whatever others are kept: the lowest usable one, and no other when it fails.
    const slot = pool.ring.first();
    return excluded.length === 0 ? slot : -1;
  }
}
