/** What a key did wrong in a row: refusals since its last success. */
interface Strikes {
  rateLimits: number;
  exhaustions: number;
  suspicions: number;
  /** For which by their kind the channel would be to blame. */
  faults: number;
  /** When the last of them took effect. */
  sinceMs: number;
}

export type StrikeKind = Exclude<keyof Strikes, 'sinceMs'>;

/** Counts each key's refusals in a row, so that times to rest can double; a success ends the row. */
export class StrikeCounts {
  private readonly bySlot = new Map<number, Strikes>();

  /**
   * Counts a refusal and answers how many came directly before. Attempts that were under way when the last one took effect
   * belong to it and count no further.
   */
  add(slot: number, kind: StrikeKind, startedAtMs: number, nowMs: number): number {
    const strikes = this.bySlot.get(slot) ?? {
      rateLimits: 0,
      exhaustions: 0,
      suspicions: 0,
      faults: 0,
      sinceMs: -Infinity,
    };
    if (startedAtMs >= strikes.sinceMs) {
      strikes[kind]++;
      strikes.sinceMs = nowMs;
      this.bySlot.set(slot, strikes);
    }
    return Math.max(0, strikes[kind] - 1);
  }

  count(slot: number, kind: StrikeKind): number {
    return this.bySlot.get(slot)?.[kind] ?? 0;
  }

  takeBack(slot: number, kind: StrikeKind): void {
    const strikes = this.bySlot.get(slot);
    if (strikes) strikes[kind] = Math.max(0, strikes[kind] - 1);
  }

  /** An attempt that started at `startedAtMs` succeeded. */
  succeeded(slot: number, startedAtMs: number): void {
    if (this.bySlot.size === 0) return;
    const strikes = this.bySlot.get(slot);
    if (strikes && startedAtMs >= strikes.sinceMs) this.bySlot.delete(slot);
  }

  clear(slot: number): void {
    this.bySlot.delete(slot);
  }
}
