interface Entry<T> {
  readonly item: T;
  atMs: number;
  index: number;
}

/** Knows which of any number of deadlines comes next: O(log n) a change. Items are told apart by identity. */
export class DeadlineHeap<T> {
  /** A binary heap: no entry is due before its parent; the children of entry n are at 2n + 1 and 2n + 2. */
  private readonly heap: Entry<T>[] = [];
  private readonly entries = new Map<T, Entry<T>>();

  get size(): number {
    return this.heap.length;
  }

  /** Adds an item, or moves its deadline. Throws RangeError for NaN, which comes neither before nor after anything. */
  set(item: T, atMs: number): void {
    if (Number.isNaN(atMs)) throw new RangeError('A deadline is a number of milliseconds');
    const known = this.entries.get(item);
    const entry = known ?? { item, atMs, index: this.heap.length };
    if (known === undefined) {
      this.entries.set(item, entry);
      this.heap.push(entry);
    }
    entry.atMs = atMs;
    this.settle(entry);
  }

  /** Forgets an item; false when it had no deadline. */
  delete(item: T): boolean {
    const entry = this.entries.get(item);
    if (entry === undefined) return false;
    this.entries.delete(item);
    const last = this.heap.pop();
    if (last !== undefined && last !== entry) {
      this.place(last, entry.index);
      this.settle(last);
    }
    return true;
  }

  /** When an item is due; null when it has no deadline. */
  deadlineOf(item: T): number | null {
    return this.entries.get(item)?.atMs ?? null;
  }

  /** The earliest deadline; null when there is none. */
  nextAtMs(): number | null {
    return this.heap[0]?.atMs ?? null;
  }

  /** Removes the item with the earliest deadline and returns it; undefined when none is due by `nowMs`. */
  takeDue(nowMs: number): T | undefined {
    const [first] = this.heap;
    if (first === undefined || first.atMs > nowMs) return undefined;
    this.delete(first.item);
    return first.item;
  }

  private settle(entry: Entry<T>): void {
    this.rise(entry);
    this.sink(entry);
  }

  private rise(entry: Entry<T>): void {
    while (entry.index > 0) {
      const parent = this.heap[(entry.index - 1) >> 1];
      if (parent === undefined || parent.atMs <= entry.atMs) return;
      this.swap(entry, parent);
    }
  }

  private sink(entry: Entry<T>): void {
    for (;;) {
      const left = this.heap[2 * entry.index + 1];
      const right = this.heap[2 * entry.index + 2];
      const child = left !== undefined && right !== undefined && right.atMs < left.atMs ? right : left;
      if (child === undefined || child.atMs >= entry.atMs) return;
      this.swap(entry, child);
    }
  }

  private swap(one: Entry<T>, other: Entry<T>): void {
    const { index } = one;
    this.place(one, other.index);
    this.place(other, index);
  }

  private place(entry: Entry<T>, index: number): void {
    entry.index = index;
    this.heap[index] = entry;
  }
}
