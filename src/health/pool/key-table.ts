import { KEY_STATES, type KeyState } from '../../keys/key-state';

const SMALLEST_CAPACITY = 16;

/** Who sits in each slot of a pool and in which state, at 18 bytes a key, with the number of keys in each state. */
export class KeyTable {
  private readonly totals = new Uint32Array(KEY_STATES.length);
  /** Places in KEY_STATES from 1 on; 0: nobody. */
  private states = new Uint8Array(SMALLEST_CAPACITY);
  private storedStates = new Uint8Array(SMALLEST_CAPACITY);
  private keyIds = new Float64Array(SMALLEST_CAPACITY);
  private revisions = new Float64Array(SMALLEST_CAPACITY);
  private keys = 0;
  private highest = -1;

  /** How many keys there are. */
  get size(): number {
    return this.keys;
  }

  /** One more than the highest slot that has had a key. */
  get span(): number {
    return this.highest + 1;
  }

  count(state: KeyState): number {
    return this.totals[KEY_STATES.indexOf(state)] ?? 0;
  }

  stateAt(slot: number): KeyState | null {
    return KEY_STATES[(this.states[slot] ?? 0) - 1] ?? null;
  }

  keyIdAt(slot: number): number {
    return this.keyIds[slot] ?? 0;
  }

  revisionAt(slot: number): number {
    return this.revisions[slot] ?? 0;
  }

  seat(slot: number, keyId: number, revision: number): void {
    this.growToHold(slot);
    this.highest = Math.max(this.highest, slot);
    this.keyIds[slot] = keyId;
    this.revisions[slot] = revision;
  }

  storedStateAt(slot: number): KeyState | null {
    return KEY_STATES[(this.storedStates[slot] ?? 0) - 1] ?? null;
  }

  /** Remembers which state the database has; the slot must have a seat. */
  store(slot: number, state: KeyState): void {
    this.storedStates[slot] = placeOf(state);
  }

  setState(slot: number, state: KeyState | null): void {
    const before = this.states[slot] ?? 0;
    const after = state === null ? 0 : placeOf(state);
    this.states[slot] = after;
    this.tally(before, -1);
    this.tally(after, 1);
  }

  private tally(place: number, change: number): void {
    if (place === 0) return;
    this.totals[place - 1] = (this.totals[place - 1] ?? 0) + change;
    this.keys += change;
  }

  private growToHold(slot: number): void {
    let capacity = this.states.length;
    if (slot < capacity) return;
    while (capacity <= slot) capacity *= 2;
    const { states, storedStates, keyIds, revisions } = this;
    this.states = new Uint8Array(capacity);
    this.storedStates = new Uint8Array(capacity);
    this.keyIds = new Float64Array(capacity);
    this.revisions = new Float64Array(capacity);
    this.states.set(states);
    this.storedStates.set(storedStates);
    this.keyIds.set(keyIds);
    this.revisions.set(revisions);
  }
}

function placeOf(state: KeyState): number {
  return KEY_STATES.indexOf(state) + 1;
}
