import { AppError } from '../../common/app-error';

export class LogNotFoundError extends AppError {
  readonly code = 'LOG_NOT_FOUND';
  readonly status = 404;

  constructor() {
    super('The log has no such request; it may be too old, or not written yet');
  }
}
