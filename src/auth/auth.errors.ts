import { AppError } from '../common/app-error';

export class UnauthorizedError extends AppError {
  readonly code = 'UNAUTHORIZED';
  readonly status = 401;

  constructor(isTokenGiven: boolean) {
    super(
      isTokenGiven
        ? 'This is not the admin token; it is the value of ADMIN_TOKEN, or in DATA_DIR/admin-token if that was not set'
        : 'Send the admin token as `Authorization: Bearer <token>`; it is ADMIN_TOKEN, or in DATA_DIR/admin-token',
    );
  }
}

export class RelayTokenRefusedError extends AppError {
  readonly code = 'FORBIDDEN';
  readonly status = 403;

  constructor() {
    super('This is a relay token: it opens /v1 only; /api needs the admin token');
  }
}
