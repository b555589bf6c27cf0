import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock';
import { AttemptLedger } from './attempt-ledger';
import { RetryBudgets } from '../retry/retry-budgets';

/** Opens a ledger for each request; all of them count in the same retry budgets. */
@Injectable()
export class AttemptLedgers {
  constructor(
    private readonly budgets: RetryBudgets,
    readonly clock: Clock,
  ) {}

  open(): AttemptLedger {
    return new AttemptLedger(this.budgets, this.clock);
  }
}
