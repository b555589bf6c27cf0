import { Injectable } from '@nestjs/common';
import { AdminCredentials } from '../../auth/admin-credentials';
import { TokenDirectory, type TokenGrant } from '../../tokens/token-directory';
import { REFUSALS, type Refusal } from '../answer/refusal';
import { requestToken } from './request-token';

/** Decides by whose token a request comes. */
@Injectable()
export class RelayAuthenticator {
  constructor(
    private readonly tokens: TokenDirectory,
    private readonly admin: AdminCredentials,
  ) {}

  authenticate(rawHeaders: readonly string[]): TokenGrant | Refusal {
    const token = requestToken(rawHeaders);
    if (token === null) return REFUSALS.conflictingTokens;
    if (token === '') return REFUSALS.noToken;
    const grant = this.tokens.find(token);
    if (!grant) return this.admin.isAdminToken(token) ? REFUSALS.adminToken : REFUSALS.unknownToken;
    if (!grant.isEnabled) return REFUSALS.disabledToken;
    return grant.expiresAtMs > Date.now() ? grant : REFUSALS.expiredToken;
  }
}
