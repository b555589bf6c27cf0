/** One refused field of a request body or query. */
export interface FieldFault {
  readonly field: string;
  readonly message: string;
}

/**
 * A refusal with a stable public code, an HTTP status and a text that says what to do.
 * Constructors of subclasses take ids and names only, never secrets.
 */
export abstract class AppError extends Error {
  /** UPPER_SNAKE, public contract, listed in docs/errors.md. */
  abstract readonly code: string;
  abstract readonly status: number;
  /** Per-field faults, for validation. */
  readonly faults: readonly FieldFault[] = [];
  /** What the caller may use to put it right; answered as the envelope's `data`. */
  readonly detail: object | null = null;
}
