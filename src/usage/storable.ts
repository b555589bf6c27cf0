const MOST_INTEGER = 2_147_483_647;
const END_OF_YEAR_9999_MS = 253_402_300_799_999;
// No model reads or writes as much at once; a sum of these stays within a bigint whatever upstreams claim.
const MOST_TOKENS = 1_000_000_000;
const MOST_CHARACTERS = 200;

/** A whole number from 0 up to what an integer column takes. */
export function storableCount(value: number): number {
  return within(value, MOST_INTEGER);
}

/** Tokens of one request; what no request can have taken counts as a billion. */
export function storableTokens(value: number): number {
  return within(value, MOST_TOKENS);
}

/** Unix milliseconds that the database and a `Date` can both express. */
export function storableMs(value: number): number {
  return within(value, END_OF_YEAR_9999_MS);
}

/** Its first 200 characters, without what PostgreSQL takes in no text: NUL and halves of characters. */
export function storableText(text: string): string {
  return text.slice(0, MOST_CHARACTERS).toWellFormed().replaceAll('\0', '\uFFFD');
}

function within(value: number, most: number): number {
  return Number.isNaN(value) ? 0 : Math.min(Math.max(Math.round(value), 0), most);
}
