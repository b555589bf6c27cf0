/** How far a reader has read a channel's keys. */
export interface KeyBookmark {
  readonly generation: number;
  readonly revision: number;
  readonly keyId: number;
}

/** The place before the first key. */
export const FIRST_KEY: KeyBookmark = { generation: -1, revision: 0, keyId: 0 };
