/** Where keys sit. */
export interface KeySeats {
  /** One more than the highest slot that has had a key. */
  readonly span: number;
  keyIdAt(slot: number): number;
}

const SMALLEST_CAPACITY = 16;
const EMPTY = -1;

/**
 * Finds the slot of a key by its id. Costs nothing until it is first asked; then, for a million keys, 8 MB for good and
 * some 80 ms once. What a cell says is checked against the seats, so cells of keys that have left do no harm.
 */
export class SlotIndex {
  /** Open addressing: slots at the hash of their keys' ids, or in the next cell that is empty. Null: never asked. */
  private cells: Int32Array | null = null;
  private used = 0;

  constructor(private readonly seats: KeySeats) {}

  /** The slot where this key sits or has sat last; -1 when it is not among the seats. */
  find(keyId: number): number {
    const cells = this.cells ?? this.build();
    return cells[this.cellOf(keyId, cells)] ?? EMPTY;
  }

  /** Is to be told of every slot that may have another key than before. */
  seated(slot: number): void {
    const { cells } = this;
    if (!cells) return;
    this.place(slot, cells);
    // With many empty cells a chain of full ones is short, and it always has an end.
    if (this.used * 4 > cells.length * 3) this.build();
  }

  /** The cell that has this key's slot, or else the empty one that would take it. */
  private cellOf(keyId: number, cells: Int32Array): number {
    const last = cells.length - 1;
    let cell = spread(keyId) & last;
    for (let slot = cells[cell] ?? EMPTY; slot !== EMPTY && this.seats.keyIdAt(slot) !== keyId;) {
      cell = (cell + 1) & last;
      slot = cells[cell] ?? EMPTY;
    }
    return cell;
  }

  private place(slot: number, cells: Int32Array): void {
    const cell = this.cellOf(this.seats.keyIdAt(slot), cells);
    if (cells[cell] === EMPTY) this.used++;
    cells[cell] = slot;
  }

  private build(): Int32Array {
    const { span } = this.seats;
    let capacity = SMALLEST_CAPACITY;
    while (capacity < span * 2) capacity *= 2;
    const cells = new Int32Array(capacity).fill(EMPTY);
    this.used = 0;
    for (let slot = 0; slot < span; slot++) if (this.seats.keyIdAt(slot) !== 0) this.place(slot, cells);
    this.cells = cells;
    return cells;
  }
}

/** Ids come in rows: consecutive ones must not crowd each other, nor those of a second row. */
function spread(keyId: number): number {
  const mixed = Math.imul(keyId ^ (keyId >>> 16), 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
