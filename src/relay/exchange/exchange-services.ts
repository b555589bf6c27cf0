import { Injectable } from '@nestjs/common';
import { KeyHealth } from '../../health/key-health';
import { AttemptLedgers } from './attempt-ledgers';
import { UntriedKeys } from '../plan/untried-keys';
import { UpstreamPools } from './upstream-pools';

/** What every relayed request of this process works with. */
@Injectable()
export class ExchangeServices {
  constructor(
    readonly pools: UpstreamPools,
    readonly health: KeyHealth,
    readonly untriedKeys: UntriedKeys,
    readonly ledgers: AttemptLedgers,
  ) {}
}
