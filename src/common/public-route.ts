import { SetMetadata, type CustomDecorator } from '@nestjs/common';

/** Metadata key by which the admin guard lets a route pass without a token. */
export const PUBLIC_ROUTE = Symbol('PUBLIC_ROUTE');

/** Opens a route or controller to callers without an admin token. */
export const PublicRoute = (): CustomDecorator<symbol> => SetMetadata(PUBLIC_ROUTE, true);
