import type { ChannelRoute } from '../channels/channel-route';
import type { KeyLease, KeySelector } from '../selector/key-selector';
import type { RandomSource } from '../selector/random-source';

const MOST_ATTEMPTS = 3;

/** Where the next attempt goes, and with which key. */
export interface PlannedAttempt {
  readonly channel: ChannelRoute;
  readonly lease: KeyLease;
}

/** What the last attempt says about the next: `address` means that no other key of the channel would fare better. */
export type FailureScope = 'key' | 'address';

/**
 * One request's way through keys and channels: never the same key twice, the same channel first, then the others by
 * priority and weight, at most three attempts. The last one goes to another channel if there is one, so that a pool of
 * bad keys cannot use up all of them.
 */
export class AttemptPlan {
  private readonly untried: ChannelRoute[];
  private current: ChannelRoute | null = null;
  private triedIndices: number[] = [];
  private attempts = 0;

  /** `candidates` in the order of priority, the highest first. */
  constructor(
    private readonly selector: KeySelector,
    private readonly random: RandomSource,
    candidates: readonly ChannelRoute[],
  ) {
    this.untried = [...candidates];
  }

  get attemptCount(): number {
    return this.attempts;
  }

  first(): PlannedAttempt | null {
    return this.take(this.fromAnotherChannel());
  }

  /** Null when nothing is left to try. */
  next(scope: FailureScope): PlannedAttempt | null {
    if (this.attempts >= MOST_ATTEMPTS) return null;
    const elsewhereFirst = scope === 'address' || this.attempts === MOST_ATTEMPTS - 1;
    return this.take(
      elsewhereFirst
        ? (this.fromAnotherChannel() ?? this.fromThisChannel())
        : (this.fromThisChannel() ?? this.fromAnotherChannel()),
    );
  }

  private take(planned: PlannedAttempt | null): PlannedAttempt | null {
    if (!planned) return null;
    if (planned.channel !== this.current) this.triedIndices = [];
    this.current = planned.channel;
    this.triedIndices.push(planned.lease.index);
    this.attempts++;
    return planned;
  }

  private fromThisChannel(): PlannedAttempt | null {
    const channel = this.current;
    const lease = channel && this.selector.lease(channel, this.triedIndices);
    return lease && { channel, lease };
  }

  private fromAnotherChannel(): PlannedAttempt | null {
    while (this.untried.length > 0) {
      const [channel] = this.untried.splice(drawPlace(this.untried, this.random), 1);
      const lease = channel && this.selector.lease(channel, []);
      if (lease) return { channel, lease };
    }
    return null;
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
