/** All that a client's stream yields. */
export async function eachOf<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of stream) values.push(value);
  return values;
}

/** What a client throws: which of its error classes, the HTTP status it names, and its words. */
export interface ClientFailure {
  readonly thrown: string;
  readonly status: unknown;
  readonly message: string;
}

/** How a call fails; one that does not fails the test. */
export async function failureOf(call: Promise<unknown>): Promise<ClientFailure> {
  const error: unknown = await call.then(
    () => new Error('The call did not fail.'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error('The call failed with what is no error.');
  return {
    thrown: error.constructor.name,
    status: 'status' in error ? error.status : undefined,
    message: error.message,
  };
}
