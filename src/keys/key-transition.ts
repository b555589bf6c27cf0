import type { Actor, KeyState } from './key-state';

/** Why a key is in its state. */
export interface StateReason {
  /** At most 64 characters. */
  readonly code: string | null;
  /** For people, at most 500 characters; never with a key in it. */
  readonly detail: string | null;
  readonly httpStatus: number | null;
  readonly model: string | null;
}

/** A change of one key's state that stands only if the key has not changed since it was seen. */
export interface KeyTransition extends StateReason {
  readonly keyId: number;
  /** The revision at which the key was seen; at any other the transition is void. */
  readonly revision: number;
  readonly to: KeyState;
  /** How long the state lasts from now on; null when it has no end of its own. */
  readonly lastsMs: number | null;
  /** When the key is probed next, from now on; null for never. */
  readonly probeInMs: number | null;
  /** Probes in a row that found the key unfit. */
  readonly failedProbes: number;
  readonly actor: Actor;
}

/** What a transition says that gives no reason and sets no deadline. */
export const WITHOUT_REASON = {
  code: null,
  detail: null,
  httpStatus: null,
  model: null,
  lastsMs: null,
  probeInMs: null,
  failedProbes: 0,
} as const;
