import type { KeySnapshot } from '../keys/key-snapshots';
import { KeyRing } from './key-ring';

/** One channel's keys in memory: which may be picked now, and what each is. Slots are the keys' indices. */
export class KeyPool {
  readonly ring = new KeyRing();
  /** The one destination that these keys may be sent to. */
  origin = '';
  private readonly keyIds: (number | undefined)[] = [];
  private readonly ciphertexts: (string | null)[] = [];

  /** Brings a key to its newest state. */
  apply({ index, keyId, isUsable, ciphertext }: KeySnapshot): void {
    if (ciphertext === null) {
      // A deleted key leaves nothing behind, unless its place was given to another one.
      if (this.keyIds[index] !== keyId) return;
      this.keyIds[index] = undefined;
    } else {
      this.keyIds[index] = keyId;
    }
    this.ciphertexts[index] = ciphertext;
    if (isUsable) this.ring.add(index);
    else this.ring.delete(index);
  }

  keyIdAt(slot: number): number {
    return this.keyIds[slot] ?? 0;
  }

  ciphertextAt(slot: number): string {
    return this.ciphertexts[slot] ?? '';
  }
}
