import { STATUS, type Status } from '../channels/status';

/**
 * What a key is. `active`: serves. `cooling`: rests until a deadline, whole or for one model. `suspect`: rests until a probe
 * has decided. `exhausted`: its quota is used up until a deadline. `dead`: refused by its upstream, and a probe confirmed
 * it. `manual`: switched off by an admin. `unreadable`: cannot be decrypted.
 */
export const KEY_STATES = ['active', 'cooling', 'suspect', 'exhausted', 'dead', 'manual', 'unreadable'] as const;

export type KeyState = (typeof KEY_STATES)[number];

/** Who or what changed a key. */
export const ACTORS = ['admin', 'import', 'traffic', 'probe', 'system'] as const;

export type Actor = (typeof ACTORS)[number];

/** The status that the API shows for a state. */
export const STATUS_OF_STATE: Readonly<Record<KeyState, Status>> = {
  active: STATUS.enabled,
  cooling: STATUS.enabled,
  suspect: STATUS.enabled,
  exhausted: STATUS.disabledAutomatically,
  dead: STATUS.disabledAutomatically,
  manual: STATUS.disabledByHand,
  unreadable: STATUS.disabledAutomatically,
};

/** From which states the program may bring a key to a state without an admin; `manual` and `unreadable` are left by admins only. */
export const AUTOMATIC_SOURCES: Readonly<Record<KeyState, readonly KeyState[]>> = {
  active: ['cooling', 'suspect', 'exhausted', 'dead'],
  cooling: ['active', 'cooling', 'suspect', 'exhausted', 'dead'],
  suspect: ['active', 'cooling', 'suspect'],
  exhausted: ['active', 'cooling', 'suspect', 'exhausted', 'dead'],
  dead: ['active', 'cooling', 'suspect', 'exhausted', 'dead'],
  manual: [],
  unreadable: ['active', 'cooling', 'suspect', 'exhausted', 'dead'],
};

export function canChangeAutomatically(from: KeyState, to: KeyState): boolean {
  return AUTOMATIC_SOURCES[to].includes(from);
}
