import type { ChannelRoute } from '../../channels/channel-route';
import type { KeyLease, KeySelector } from '../../selector/key-selector';
import type { RandomSource } from '../../selector/random-source';
import type { RelayRequest } from '../exchange/relay-request';
import type { Destination, RetryAdvice } from '../retry/retry-advice';

const MOST_ATTEMPTS = 3;

/** Where the next attempt goes, with which key, and for which model. */
export interface PlannedAttempt {
  readonly channel: ChannelRoute;
  readonly lease: KeyLease;
  /** As the upstream is asked for it. */
  readonly model: string;
}

/**
 * One request's way through keys and channels: never the same key twice, the channels by priority and weight, at most three
 * attempts. The last one goes to another channel if there is one, so that a pool of bad keys cannot use up all of them.
 */
export class AttemptPlan {
  private readonly untried: ChannelRoute[];
  private current: ChannelRoute | null = null;
  private triedIndices: number[] = [];
  private left = MOST_ATTEMPTS;

  /** `candidates` in the order of priority, the highest first. */
  constructor(
    private readonly selector: KeySelector,
    private readonly random: RandomSource,
    private readonly request: Pick<RelayRequest, 'modelFor'>,
    readonly candidates: readonly ChannelRoute[],
  ) {
    this.untried = [...candidates];
  }

  first(): PlannedAttempt | null {
    return this.take(this.fromAnotherChannel());
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
