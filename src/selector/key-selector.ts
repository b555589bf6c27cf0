import { Inject, Injectable } from '@nestjs/common';
import type { ChannelRoute } from '../channels/channel-route';
import { KeyHealth } from '../health/key-health';
import type { UsedKey } from '../health/seen-key';
import { KeySecrets } from '../keys/key-secrets';
import type { KeyPool } from './key-pool';
import { PoolRegistry } from './pool-registry';
import type { SelectionStrategy } from './selection-strategy';
import { SELECTION_STRATEGIES } from './selector.tokens';

/** A key chosen for one attempt. */
export type KeyLease = UsedKey;

/** Chooses the key that serves the next attempt, by the channel's mode. */
@Injectable()
export class KeySelector {
  /** Strategies at the place of their mode's number. */
  private readonly strategies: readonly (SelectionStrategy | undefined)[];

  constructor(
    private readonly pools: PoolRegistry,
    private readonly secrets: KeySecrets,
    private readonly health: KeyHealth,
    @Inject(SELECTION_STRATEGIES) strategies: readonly SelectionStrategy[],
  ) {
    const byMode: SelectionStrategy[] = [];
    for (const strategy of strategies) byMode[strategy.mode] = strategy;
    this.strategies = byMode;
  }

  /**
   * Null when the channel rests, or has no usable key for this model (as its upstream knows it) outside `excluded`, the
   * indices this request has tried.
   */
  lease(channel: ChannelRoute, excluded: readonly number[], model: string, isLast = false): KeyLease | null {
    const pool = this.poolOf(channel);
    if (!pool) return null;
    for (;;) {
      const slot =
        (isLast ? this.proven(channel, pool, excluded, model) : null) ?? this.pick(channel, pool, excluded, model);
      if (slot === -1) return null;
      const lease = this.leaseAt(channel, pool, slot);
      if (lease) return lease;
    }
  }

  /**
   * This key and no other, whatever the channel's mode, whose turns go on as if nobody had asked. Null when the channel
   * rests, or the key may not serve now: this model, or any at all when it is null.
   */
  leaseKey(channel: ChannelRoute, keyId: number, model: string | null, excluded: readonly number[]): KeyLease | null {
    const pool = this.poolOf(channel);
    const slot = pool?.usableSlotOf(keyId, model) ?? -1;
    return !pool || slot === -1 || excluded.includes(slot) ? null : this.leaseAt(channel, pool, slot);
  }

  private poolOf(channel: ChannelRoute): KeyPool | null {
    const pool = this.pools.find(channel.id);
    // Channel and keys come into memory one after the other: for a moment they may be of two states of the database, and
    // a key given for one destination must not reach another.
    return pool?.origin === channel.origin && this.health.admits(channel.id) ? pool : null;
  }

  /** Null when the key cannot be decrypted: then it is taken out of service. */
  private leaseAt(channel: ChannelRoute, pool: KeyPool, slot: number): KeyLease | null {
    const seen = pool.health.seenAt(slot);
    const secret = this.secrets.reveal(pool.ciphertextAt(slot), { keyId: seen.keyId, channelId: channel.id });
    if (secret !== null) return { channelId: channel.id, ...seen, secret };
    pool.health.enter(slot, 'unreadable');
    return null;
  }

  /** The last attempt takes no chances: the key that served last, if there is one. */
  private proven(channel: ChannelRoute, pool: KeyPool, excluded: readonly number[], model: string): number | null {
    const slot = pool.health.provenSlot;
    const mayServe = channel.isMultiKey && slot !== -1 && !excluded.includes(slot) && pool.ringFor(model).has(slot);
    return mayServe ? slot : null;
  }

  private pick(channel: ChannelRoute, pool: KeyPool, excluded: readonly number[], model: string): number {
    const ring = pool.ringFor(model);
    if (!channel.isMultiKey) {
      // One key serves, whatever others are kept: the next one only once its failure has taken this one out.
      const lowest = ring.first();
      return excluded.includes(lowest) ? -1 : lowest;
    }
    const slot = this.strategies[channel.selectionMode]?.pick(ring, excluded) ?? -1;
    if (slot !== -1) pool.ring.cursor = ring.cursor;
    return slot;
  }
}
