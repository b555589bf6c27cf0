/** A key as it was when someone used it; what that use says holds only while the key is still at this revision. */
export interface SeenKey {
  readonly channelId: number;
  readonly keyId: number;
  readonly index: number;
  readonly revision: number;
}

/** A key in use, in clear so that it can be masked where an upstream quotes it. */
export interface UsedKey extends SeenKey {
  readonly secret: string;
}
