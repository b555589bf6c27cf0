/** A rest that a key takes: for one model, or for all. */
export interface Rest {
  readonly model: string | null;
  /** On `Clock.nowMs`. */
  readonly untilMs: number;
}

/** The rest that covers both: a second model makes it one for all models, and neither ends sooner for the other. */
export function widest(one: Rest, other: Rest): Rest {
  return {
    model: one.model === other.model ? one.model : null,
    untilMs: Math.max(one.untilMs, other.untilMs),
  };
}

export function isSame(one: Rest, other: Rest): boolean {
  return one.model === other.model && one.untilMs === other.untilMs;
}
