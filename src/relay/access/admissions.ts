import { Injectable } from '@nestjs/common';
import type { TokenGrant } from '../../tokens/token-directory';
import { REFUSALS, tokenLimit } from '../answer/refusal';
import type { RelayCall } from '../relay-call';
import { OverloadGuard } from './overload-guard';
import { TokenLimiter } from './token-limiter';

/** Lets requests in as far as their token's limits and this process's strength go. */
@Injectable()
export class Admissions {
  constructor(
    private readonly limiter: TokenLimiter,
    private readonly overload: OverloadGuard,
  ) {}

  /** False when the request was refused. */
  admit(call: RelayCall, token: TokenGrant): boolean {
    if (!this.overload.admits()) {
      call.refuse(REFUSALS.overloaded);
      return false;
    }
    const admission = this.limiter.admit(token);
    call.ownHeaders.push(...admission.headers);
    if ('retryAfterS' in admission) {
      call.refuse(tokenLimit(admission));
      return false;
    }
    this.overload.entered();
    call.onceClosed(() => {
      this.overload.left();
      admission.release();
    });
    return true;
  }
}
