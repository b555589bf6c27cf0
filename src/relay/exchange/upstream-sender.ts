import { Injectable } from '@nestjs/common';
import type { PlannedAttempt } from '../plan/relay-plan';
import type { RelayRequest } from './relay-request';
import { StreamUsage } from './stream-usage';
import type { UpstreamAttempt } from './upstream-attempt';
import { UpstreamPools } from './upstream-pools';
import { upstreamRequest } from './upstream-request';

/** Who hears of the answer, and whether a stream is asked for its usage on our own account. */
interface Sending {
  readonly attempt: UpstreamAttempt;
  readonly asksUsage: boolean;
}

/** Sends requests to upstreams, each in the way that its channel wants. */
@Injectable()
export class UpstreamSender {
  constructor(
    private readonly pools: UpstreamPools,
    readonly usage: StreamUsage,
  ) {}

  /** Throws where the upstream's address is refused. */
  send(relayed: RelayRequest, { channel, lease }: PlannedAttempt, { attempt, asksUsage }: Sending): void {
    const request = upstreamRequest(relayed, { channel, secret: lease.secret, asksUsage });
    this.pools.get(channel).dispatch(request, attempt);
  }
}
