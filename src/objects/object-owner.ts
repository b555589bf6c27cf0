import type { Dialect } from '../channels/dialect';

/** Who may speak of an object that an upstream keeps, and with which key. */
export interface ObjectOwner {
  /** The token that had it created. */
  readonly tokenId: number;
  readonly channelId: number;
  /** The key that created it. */
  readonly keyId: number;
}

/** An object as its upstream names it, and its owner. */
export interface OwnedObject extends ObjectOwner {
  readonly dialect: Dialect;
  readonly id: string;
}
