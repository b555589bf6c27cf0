import { Injectable } from '@nestjs/common';
import { type BreakerView, ChannelBreakers } from '../channels/channel-breakers';
import { Clock } from '../common/clock';
import { HealthRegistry } from './health-registry';

const CLOSED: BreakerView = { state: 'closed', reason: null, code: null, since: null, retry_at: null };

/** Shows the breakers of this process. */
@Injectable()
export class MemoryBreakers extends ChannelBreakers {
  constructor(
    private readonly registry: HealthRegistry,
    private readonly clock: Clock,
  ) {
    super();
  }

  view(channelId: number): BreakerView {
    const breaker = this.registry.find(channelId)?.breaker;
    if (!breaker?.reason) return CLOSED;
    const { state, reason, openedAtMs, retryAtMs } = breaker;
    return {
      state,
      reason: reason.kind,
      code: reason.code,
      since: this.unixSeconds(openedAtMs),
      retry_at: state === 'open' ? this.unixSeconds(retryAtMs) : null,
    };
  }

  private unixSeconds(atMs: number | null): number | null {
    return atMs === null ? null : Math.round((this.clock.wallMs() + atMs - this.clock.nowMs()) / 1000);
  }
}
