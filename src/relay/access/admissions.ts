import { Injectable } from '@nestjs/common';
import type { TokenGrant } from '../../tokens/token-directory';
import { budgetSpent, REFUSALS, tokenLimit } from '../answer/refusal';
import type { RelayCall } from '../relay-call';
import { OverloadGuard } from './overload-guard';
import { TokenBudgets } from './token-budgets';
import { TokenLimiter } from './token-limiter';

/** Lets requests in as far as their token's budget, its limits and this process's strength go. */
@Injectable()
export class Admissions {
  constructor(
    private readonly budgets: TokenBudgets,
    private readonly limiter: TokenLimiter,
    private readonly overload: OverloadGuard,
  ) {}

  /** False when the request was refused. */
  admit(call: RelayCall, token: TokenGrant): boolean {
    if (!this.overload.admits()) {
      call.refuse(REFUSALS.overloaded);
      return false;
    }
    const reservation = this.budgets.reserve(token, call.startedAtMs);
    if ('message' in reservation) {
      call.refuse(budgetSpent(reservation));
      return false;
    }
    const admission = this.limiter.admit(token);
    call.ownHeaders.push(...admission.headers);
    if ('retryAfterS' in admission) {
      reservation.settle(null);
      call.refuse(tokenLimit(admission));
      return false;
    }
    call.reservation = reservation;
    this.overload.entered();
    call.onceClosed(() => {
      this.overload.left();
      admission.release();
      // After the exchange, which hears of it later than this and knows what was spent.
      queueMicrotask(() => {
        reservation.settle(null);
      });
    });
    return true;
  }
}
