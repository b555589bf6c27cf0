import { Injectable } from '@nestjs/common';
import { KeyHealth } from '../../health/key-health';
import { AttemptLedgers } from './attempt-ledgers';
import { UntriedKeys } from '../plan/untried-keys';
import { UpstreamSender } from './upstream-sender';

/** What every relayed request of this process works with. */
@Injectable()
export class ExchangeServices {
  constructor(
    readonly sender: UpstreamSender,
    readonly health: KeyHealth,
    readonly untriedKeys: UntriedKeys,
    readonly ledgers: AttemptLedgers,
  ) {}
}
