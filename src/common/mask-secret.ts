const SHORTEST_PARTLY_SHOWN = 20;

/**
 * The only form of a key that leaves the process: first 7 and last 4 characters (`sk-1234...cdef`), or the last 2 of a
 * key shorter than 20 characters. Characters that could break a log line or a page show as `?`.
 */
export function maskSecret(secret: string): string {
  const printable = secret.replace(/[^\x21-\x7e]/gu, '?');
  if (printable.length < SHORTEST_PARTLY_SHOWN) return `***${printable.slice(-2)}`;
  return `${printable.slice(0, 7)}...${printable.slice(-4)}`;
}
