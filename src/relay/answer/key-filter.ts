/**
 * Masks a key in the bytes of an answer that passes, also where it is cut in two by the chunks' borders. Nothing is held
 * back but an end that could be the beginning of the key. The mask is as long as the key, so that lengths stay true.
 */
export class KeyFilter {
  private readonly secret: Buffer;
  private held: Buffer | null = null;

  constructor(secret: string) {
    this.secret = Buffer.from(secret, 'latin1');
  }

  /** What may go on of these bytes and those held before; may be empty. */
  pass(chunk: Buffer): Buffer {
    const bytes = this.held ? Buffer.concat([this.held, chunk]) : chunk;
    const masked = this.masked(bytes);
    const heldLength = this.lengthOfBeginning(masked);
    this.held = heldLength > 0 ? masked.subarray(masked.length - heldLength) : null;
    return heldLength > 0 ? masked.subarray(0, masked.length - heldLength) : masked;
  }

  /** What was held, when no more comes; null when it was nothing. */
  end(): Buffer | null {
    return this.held;
  }

  private masked(bytes: Buffer): Buffer {
    let at = bytes.indexOf(this.secret);
    if (at === -1) return bytes;
    // The bytes are the connection's buffer: what passes elsewhere must not change under its hands.
    const masked = Buffer.from(bytes);
    for (; at !== -1; at = masked.indexOf(this.secret, at)) masked.fill('*', at, at + this.secret.length);
    return masked;
  }

  /** How many of the last bytes are the beginning of the key. */
  private lengthOfBeginning(bytes: Buffer): number {
    const first = this.secret[0] ?? 0;
    const from = Math.max(0, bytes.length - this.secret.length + 1);
    for (let at = bytes.indexOf(first, from); at !== -1; at = bytes.indexOf(first, at + 1)) {
      const length = bytes.length - at;
      if (bytes.compare(this.secret, 0, length, at) === 0) return length;
    }
    return 0;
  }
}
