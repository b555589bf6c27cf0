import { ValidateBy } from 'class-validator';

/** Refuses the field with the problem that it has, told after its name; null for a value without one. */
export function HasNoProblem(problemWith: (value: unknown) => string | null): PropertyDecorator {
  return ValidateBy({
    name: 'hasNoProblem',
    validator: {
      validate: (value) => problemWith(value) === null,
      defaultMessage: (args) => `$property ${problemWith(args?.value) ?? ''}`,
    },
  });
}

/** The entries of a JSON object; null for any other value. */
export function entriesOf(value: unknown): [string, unknown][] | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : null;
}
