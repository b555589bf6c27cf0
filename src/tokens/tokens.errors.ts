import { AppError } from '../common/app-error';

export class TokenNotFoundError extends AppError {
  readonly code = 'TOKEN_NOT_FOUND';
  readonly status = 404;

  constructor(id: number) {
    super(`Token ${id} not found; GET /api/token lists the tokens`);
  }
}
