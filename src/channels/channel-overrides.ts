/** Header -> the value that requests to a channel's upstream get; null removes it. */
export type HeaderOverride = Readonly<Record<string, string | null>>;

/** Top-level field of a request's body -> the value that it gets, any JSON; null removes it. */
export type ParamOverride = Readonly<Record<string, string | number | boolean | object | null>>;

/** The same by name in lower case. */
export function headersToOverride(override: HeaderOverride): ReadonlyMap<string, string | null> {
  return new Map(Object.entries(override).map(([name, value]) => [name.toLowerCase(), value]));
}

/** The same with each value as JSON text. */
export function paramsToOverride(override: ParamOverride): ReadonlyMap<string, string | null> {
  return new Map(
    Object.entries(override).map(([field, value]) => [field, value === null ? null : JSON.stringify(value)]),
  );
}
