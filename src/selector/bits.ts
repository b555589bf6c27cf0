export function lowestBitIndex(word: number): number {
  // A word and its negative have only their lowest set bit in common, and clz32 is one machine instruction.
  return 31 - Math.clz32(word & -word);
}

export function dropLowestBits(word: number, howMany: number): number {
  let rest = word;
  for (let dropped = 0; dropped < howMany; dropped++) {
    // Subtracting 1 borrows through the zeros up to the lowest set bit, so this clears that bit alone.
    rest &= rest - 1;
  }
  return rest;
}

export function countBits(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) {
    count++;
  }
  return count;
}
