import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { bearerToken } from '../common/bearer-token';
import { PUBLIC_ROUTE } from '../common/public-route';
import { TokenDirectory } from '../tokens/token-directory';
import { AdminCredentials } from './admin-credentials';
import { RelayTokenRefusedError, UnauthorizedError } from './auth.errors';

/** Lets only the admin token pass, on every route that is not marked public. */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly credentials: AdminCredentials,
    private readonly tokens: TokenDirectory,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (this.reflector.getAllAndOverride(PUBLIC_ROUTE, [context.getHandler(), context.getClass()])) return true;
    const token = bearerToken(context.switchToHttp().getRequest<Request>().headers.authorization);
    if (this.credentials.isAdminToken(token)) return true;
    if (this.tokens.find(token)) throw new RelayTokenRefusedError();
    throw new UnauthorizedError(token !== '');
  }
}
