import { AppError, type FieldFault } from './app-error';

/** A request that the validation refused; names each field and what is wrong with it. */
export class ValidationFailedError extends AppError {
  readonly code = 'VALIDATION_FAILED';
  readonly status = 400;

  constructor(override readonly faults: readonly FieldFault[]) {
    super(`Invalid request: ${faults.map(({ message }) => message).join('; ')}`);
  }
}
