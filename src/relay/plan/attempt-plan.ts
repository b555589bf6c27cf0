import type { ChannelRoute } from '../../channels/channel-route';
import type { KeySelector } from '../../selector/key-selector';
import type { RandomSource } from '../../selector/random-source';
import type { PlannedAttempt, RelayPlan } from './relay-plan';
import type { Destination, RetryAdvice } from '../retry/retry-advice';

/** What a plan needs to know of its request. */
export interface PlannedRequest {
  /** At least 1. */
  readonly mostAttempts: number;
  modelFor(channel: ChannelRoute): string;
  /** The id of the key that has this session's cache; null when there is none, or the channel does not care. */
  preferredKeyIn(channel: ChannelRoute): number | null;
}

/**
 * One request's way through keys and channels: never the same key twice, the channels by priority and weight, at most its limit of
 * attempts. The last one goes to another channel if there is one, so that a pool of bad keys cannot use up all of them.
 */
export class AttemptPlan implements RelayPlan {
  readonly refusal = null;
  private readonly untried: ChannelRoute[];
  private current: ChannelRoute | null = null;
  private triedIndices: number[] = [];
  private left: number;

  /** `candidates` in the order of priority, the highest first. */
  constructor(
    private readonly selector: KeySelector,
    private readonly random: RandomSource,
    private readonly request: PlannedRequest,
    readonly candidates: readonly ChannelRoute[],
  ) {
    this.untried = [...candidates];
    this.left = request.mostAttempts;
  }

  first(): PlannedAttempt | null {
    return this.take(this.preferred() ?? this.fromAnotherChannel());
  }

  repeated(): void {
    this.left--;
  }

  /** Null when nothing is left to try. */
  next({ to, mostMore }: RetryAdvice): PlannedAttempt | null {
    this.left = Math.min(this.left, mostMore);
    return this.left > 0 ? this.take(this.find(to)) : null;
  }

  private find(to: Destination): PlannedAttempt | null {
    switch (to) {
      case 'nowhere':
        return null;
      case 'another-channel':
        return this.fromAnotherChannel();
      case 'elsewhere-first':
        return this.fromAnotherChannel() ?? this.fromThisChannel();
      case 'next-key':
        return this.left === 1 ? this.find('elsewhere-first') : (this.fromThisChannel() ?? this.fromAnotherChannel());
    }
  }

  private take(planned: PlannedAttempt | null): PlannedAttempt | null {
    if (!planned) return null;
    if (planned.channel !== this.current) this.triedIndices = [];
    this.current = planned.channel;
    this.triedIndices.push(planned.lease.index);
    this.left--;
    return planned;
  }

  /** The key of this session, if it is usable now and its channel no less wanted than others. */
  private preferred(): PlannedAttempt | null {
    for (const [place, channel] of this.untried.entries()) {
      if (channel.priority !== this.untried[0]?.priority) return null;
      const keyId = this.request.preferredKeyIn(channel);
      if (keyId === null) continue;
      const model = this.request.modelFor(channel);
      const lease = this.selector.leaseKey(channel, keyId, model, []);
      if (!lease) continue;
      this.untried.splice(place, 1);
      return { channel, lease, model };
    }
    return null;
  }

  private fromThisChannel(): PlannedAttempt | null {
    return this.current && this.lease(this.current, this.triedIndices, this.left === 1);
  }

  private fromAnotherChannel(): PlannedAttempt | null {
    while (this.untried.length > 0) {
      const [channel] = this.untried.splice(drawPlace(this.untried, this.random), 1);
      const planned = channel && this.lease(channel, []);
      if (planned) return planned;
    }
    return null;
  }

  private lease(channel: ChannelRoute, excluded: readonly number[], isLast = false): PlannedAttempt | null {
    const model = this.request.modelFor(channel);
    const lease = this.selector.lease(channel, excluded, model, isLast);
    return lease && { channel, lease, model };
  }
}

/** The place of a channel of the highest priority, drawn by weight. */
function drawPlace(channels: readonly ChannelRoute[], random: RandomSource): number {
  const below = channels.findIndex(({ priority }) => priority !== channels[0]?.priority);
  const level = below === -1 ? channels : channels.slice(0, below);
  if (level.length === 1) return 0;
  const totalWeight = level.reduce((sum, { weight }) => sum + weight, 0);
  let draw = random.next() * totalWeight;
  return Math.max(
    0,
    level.findIndex(({ weight }) => (draw -= weight) < 0),
  );
}
