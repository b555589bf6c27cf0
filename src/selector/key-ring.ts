import { countBits, dropLowestBits, lowestBitIndex } from './bits';

const WORD_BITS = 32;
const WORD_SHIFT = 5;
const ALL_BITS = -1;
const HIGHEST_SLOT = 2 ** 24;

/**
 * Knows which slots of a channel may be picked now, in index order: looking ahead, switching and ranking
 * take a few dozen steps at one key and at a million, and nothing but growth allocates.
 *
 * `words` is a 32-way tree, level after level: the root is word 0, the children of word w are words 32w + 1 to 32w + 32.
 * In a leaf a bit is a member (shift counts wrap at 32, so `1 << slot` is its mask); above, a bit is a child that is not empty.
 * Only the leaf level is cut short, at the capacity.
 *
 * `leftCounts` is a binary tree over those leaves, the root at 1, the children of node n at 2n and 2n + 1: a node holds the
 * number of members under its left child. The leaves themselves would follow at its end and need not be stored.
 */
export class KeyRing {
  /** Where polling stands; it lives here so that a strategy keeps no state. */
  cursor = 0;

  // Signed, because bit operators yield signed words: an unsigned one past 2^31 would have to become a double.
  private words = new Int32Array(1);
  private leftCounts = new Int32Array(1);
  private firstLeaf = 0;
  private capacity = WORD_BITS;
  private members = 0;

  /** How many slots are members. */
  get size(): number {
    return this.members;
  }

  /** A ring of the same members and cursor, which goes its own way from now on. */
  clone(): KeyRing {
    const clone = new KeyRing();
    clone.words = this.words.slice();
    clone.leftCounts = this.leftCounts.slice();
    clone.firstLeaf = this.firstLeaf;
    clone.capacity = this.capacity;
    clone.members = this.members;
    clone.cursor = this.cursor;
    return clone;
  }

  has(slot: number): boolean {
    return isWholeBelow(slot, this.capacity) && (this.wordAt(this.leafOf(slot)) & (1 << slot)) !== 0;
  }

  /** Switches a slot in and grows to hold it; false when it was in already. */
  add(slot: number): boolean {
    if (!isWholeBelow(slot, HIGHEST_SLOT + 1)) {
      throw new RangeError(`A slot is a whole number from 0 to ${HIGHEST_SLOT}, not ${slot}`);
    }
    if (this.has(slot)) {
      return false;
    }
    this.growToHold(slot);
    this.setBits(this.leafOf(slot), 1 << slot);
    this.count(slot, 1);
    return true;
  }

  /** Switches a slot out; false when it was out already. */
  delete(slot: number): boolean {
    if (!this.has(slot)) {
      return false;
    }
    this.clearBit(this.leafOf(slot), 1 << slot);
    this.count(slot, -1);
    return true;
  }

  /** The first member at or after `from`, else the lowest member; -1 when there is none. */
  next(from: number): number {
    const ahead = isWholeBelow(from, this.capacity) ? this.findAhead(from) : -1;
    return ahead === -1 ? this.first() : ahead;
  }

  /** The lowest member, or -1. */
  first(): number {
    return this.members === 0 ? -1 : this.lowestUnder(0, this.wordAt(0));
  }

  /** The member with `rank` members below it, or -1. */
  select(rank: number): number {
    if (!isWholeBelow(rank, this.members)) {
      return -1;
    }
    const leaves = this.leftCounts.length;
    let node = 1;
    let left = rank;
    while (node < leaves) {
      const count = this.leftCountAt(node);
      // -1 to go right, 0 to go left, by arithmetic: a random rank turns at the toss of a coin, which no branch predictor
      // learns (measured at a million keys: half the time).
      const goRight = (count - left - 1) >> 31;
      left -= count & goRight;
      node = 2 * node - goRight;
    }
    const leaf = this.firstLeaf + node - leaves;
    return this.slotOf(leaf, dropLowestBits(this.wordAt(leaf), left));
  }

  /** How many members are below `slot`. */
  rank(slot: number): number {
    if (!isWholeBelow(slot, this.capacity)) {
      return slot >= this.capacity ? this.members : 0;
    }
    let rank = countBits(this.wordAt(this.leafOf(slot)) & ~(ALL_BITS << slot));
    for (let node = this.countNodeOf(slot); node > 1; node >>= 1) {
      rank += this.leftCountAt(node >> 1) & rightMask(node);
    }
    return rank;
  }

  /** Climbs from the slot until a word has something further on, or the root has nothing. */
  private findAhead(from: number): number {
    let node = this.leafOf(from);
    let ahead = this.wordAt(node) & (ALL_BITS << from);
    while (ahead === 0 && node > 0) {
      const bitsAfter = (ALL_BITS << childIndexOf(node)) << 1;
      node = parentOf(node);
      ahead = this.wordAt(node) & bitsAfter;
    }
    return ahead === 0 ? -1 : this.lowestUnder(node, ahead);
  }

  /** The lowest member under a word, of whose bits only `candidates` count. */
  private lowestUnder(word: number, candidates: number): number {
    let node = word;
    let bits = candidates;
    while (node < this.firstLeaf) {
      node = node * WORD_BITS + 1 + lowestBitIndex(bits);
      bits = this.wordAt(node);
    }
    return this.slotOf(node, bits);
  }

  /** Sets bits in a word and, as long as the word was empty before, its bit in the parent. */
  private setBits(word: number, added: number): void {
    let node = word;
    let bits = added;
    let before = this.wordAt(node);
    this.words[node] = before | bits;
    while (before === 0 && node > 0) {
      bits = 1 << childIndexOf(node);
      node = parentOf(node);
      before = this.wordAt(node);
      this.words[node] = before | bits;
    }
  }

  /** Clears a bit in a word and, as long as that leaves the word empty, its bit in the parent. */
  private clearBit(word: number, bit: number): void {
    let node = word;
    let after = this.wordAt(node) & ~bit;
    this.words[node] = after;
    while (after === 0 && node > 0) {
      const emptied = 1 << childIndexOf(node);
      node = parentOf(node);
      after = this.wordAt(node) & ~emptied;
      this.words[node] = after;
    }
  }

  private count(slot: number, change: number): void {
    this.members += change;
    for (let node = this.countNodeOf(slot); node > 1; node >>= 1) {
      this.leftCounts[node >> 1] = this.leftCountAt(node >> 1) + (change & ~rightMask(node));
    }
  }

  private growToHold(slot: number): void {
    if (slot < this.capacity) {
      return;
    }
    const leaves = this.words.subarray(this.firstLeaf);
    while (this.capacity <= slot) {
      this.capacity *= 2;
    }
    const leafCount = this.capacity / WORD_BITS;
    this.firstLeaf = firstLeafOf(leafCount);
    this.words = new Int32Array(this.firstLeaf + leafCount);
    this.leftCounts = new Int32Array(leafCount);
    this.members = 0;
    leaves.forEach((bits, index) => {
      if (bits !== 0) {
        this.setBits(this.firstLeaf + index, bits);
        this.count(index * WORD_BITS, countBits(bits));
      }
    });
  }

  private leafOf(slot: number): number {
    return this.firstLeaf + (slot >>> WORD_SHIFT);
  }

  private countNodeOf(slot: number): number {
    return this.leftCounts.length + (slot >>> WORD_SHIFT);
  }

  private slotOf(leaf: number, bits: number): number {
    return (leaf - this.firstLeaf) * WORD_BITS + lowestBitIndex(bits);
  }

  private wordAt(node: number): number {
    return this.words[node] ?? 0;
  }

  private leftCountAt(node: number): number {
    return this.leftCounts[node] ?? 0;
  }
}

function parentOf(word: number): number {
  return (word - 1) >>> WORD_SHIFT;
}

function childIndexOf(word: number): number {
  return (word - 1) & (WORD_BITS - 1);
}

/** The levels above the leaves are complete: 1 word, 32, 1024 and so on. */
function firstLeafOf(leafCount: number): number {
  let firstLeaf = 0;
  for (let width = 1; width < leafCount; width *= WORD_BITS) {
    firstLeaf += width;
  }
  return firstLeaf;
}

/** All bits for a right child, none for a left one. */
function rightMask(node: number): number {
  return -(node & 1);
}

function isWholeBelow(value: number, limit: number): boolean {
  return (value | 0) === value && value >= 0 && value < limit;
}
