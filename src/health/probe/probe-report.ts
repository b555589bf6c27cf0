import type { KeyState } from '../../keys/key-state';
import type { SeenKey } from '../seen-key';
import type { Verdict } from '../verdict/verdict';

/** How a probe asks: `free` costs nothing (a list of models, a balance); `call` is one token of a real call. */
export type ProbeDepth = 'free' | 'call';

/** A key as a probe found it in the database. */
export interface ProbedKey extends SeenKey {
  readonly mask: string;
  readonly state: KeyState;
  readonly failedProbes: number;
}

/** What one probe showed. A request written by us and nothing of a caller's. */
export interface ProbeReport {
  readonly key: ProbedKey;
  /** How it asked in the end: a `free` probe that the upstream does not know becomes a `call`. */
  readonly depth: ProbeDepth;
  /** Null: the upstream accepts the key. */
  readonly verdict: Verdict | null;
  /** Null when no answer came. */
  readonly httpStatus: number | null;
  /** How long the upstream asks to wait; null when it does not say. */
  readonly hintMs: number | null;
  readonly latencyMs: number;
}
