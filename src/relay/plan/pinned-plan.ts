import type { ChannelRoute } from '../../channels/channel-route';
import type { KeyLease } from '../../selector/key-selector';
import { REFUSALS } from '../answer/refusal';
import type { PlannedAttempt, RelayPlan } from './relay-plan';

/** The way of a request that a single key can serve: there, or nowhere. */
export class PinnedPlan implements RelayPlan {
  readonly candidates: readonly ChannelRoute[];
  readonly refusal = REFUSALS.ownerAway;

  /** `lease` is null when the key cannot serve now. */
  constructor(
    private readonly channel: ChannelRoute,
    private readonly lease: KeyLease | null,
    private readonly model: string,
  ) {
    this.candidates = [channel];
  }

  first(): PlannedAttempt | null {
    const { channel, lease, model } = this;
    return lease && { channel, lease, model };
  }

  repeated(): void {
    // It is the only one as it is.
  }

  next(): null {
    return null;
  }
}
