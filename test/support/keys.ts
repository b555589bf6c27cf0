/** A made-up key, the same for the same number. */
export function aKey(number: number): string {
  return `sk-test${String(number).padStart(6, '0')}abcdef1234567890abcd`;
}

export function someKeys(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => aKey(from + i));
}
