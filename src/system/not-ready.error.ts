import { AppError } from '../common/app-error';

export class NotReadyError extends AppError {
  readonly code = 'NOT_READY';
  readonly status = 503;

  constructor() {
    super('This process is starting or stopping');
  }
}
