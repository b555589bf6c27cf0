import { SWITCH_ACTIONS } from '../key-switch';

/** What can be done to all keys that match a filter. */
export const BULK_ACTIONS = [...SWITCH_ACTIONS, 'test'] as const;

export type BulkAction = (typeof BULK_ACTIONS)[number];

/** An SQL condition on `channel_keys`: which keys are not yet what the action would make of them. */
export const CHANGED_BY: Readonly<Record<BulkAction, string>> = {
  enable: "state <> 'active'",
  disable: "state <> 'manual'",
  delete: 'true',
  test: 'true',
};
