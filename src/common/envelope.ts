/** The shape of every successful admin answer. */
export interface Envelope<T> {
  readonly success: true;
  readonly message: string;
  readonly data: T;
}

/** The shape of every refused admin answer. */
export interface ErrorEnvelope {
  readonly success: false;
  readonly message: string;
  readonly code: string;
  readonly data: object | null;
  readonly request_id: string;
  readonly error_id?: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}

export function envelope<T>(data: T, message = ''): Envelope<T> {
  return { success: true, message, data };
}
