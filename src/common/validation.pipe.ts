import { type ValidationError, ValidationPipe } from '@nestjs/common';
import type { FieldFault } from './app-error';
import { ValidationFailedError } from './validation-failed.error';

/** Checks every body, query and path of the admin API; unknown fields and wrong values are refused by name. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => new ValidationFailedError(errors.flatMap((error) => faultsOf(error, ''))),
  });
}

function faultsOf({ property, constraints, children }: ValidationError, path: string): FieldFault[] {
  const field = `${path}${property}`;
  const own = Object.values(constraints ?? {}).map((message) => ({ field, message }));
  return [...own, ...(children ?? []).flatMap((child) => faultsOf(child, `${field}.`))];
}
