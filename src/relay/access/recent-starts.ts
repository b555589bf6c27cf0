const FIRST_CAPACITY = 16;

/** The moments at which requests began, oldest first; takes only as much memory as it has had to hold. */
export class RecentStarts {
  private times = new Float64Array(FIRST_CAPACITY);
  private first = 0;
  private length = 0;

  get count(): number {
    return this.length;
  }

  /** The moment at this index, 0 the oldest; Infinity when there is none. */
  at(index: number): number {
    return index < this.length ? (this.times[(this.first + index) % this.times.length] ?? Infinity) : Infinity;
  }

  add(startMs: number): void {
    if (this.length === this.times.length) this.grow();
    this.times[(this.first + this.length) % this.times.length] = startMs;
    this.length += 1;
  }

  /** Drops those at `endMs` and before. */
  forgetUntil(endMs: number): void {
    while (this.at(0) <= endMs) {
      this.first = (this.first + 1) % this.times.length;
      this.length -= 1;
    }
  }

  private grow(): void {
    const larger = new Float64Array(this.times.length * 2);
    larger.set(this.times.subarray(this.first));
    larger.set(this.times.subarray(0, this.first), this.times.length - this.first);
    this.times = larger;
    this.first = 0;
  }
}
