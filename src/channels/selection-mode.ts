/** How a channel chooses among its keys; the numbers go over the wire as `key_selection_mode`. */
export const SELECTION_MODES = { polling: 0, random: 1 } as const;

export type SelectionMode = (typeof SELECTION_MODES)[keyof typeof SELECTION_MODES];
