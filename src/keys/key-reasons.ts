import { Injectable } from '@nestjs/common';
import type { KeyState } from './key-state';
import { KeyReasonsRepository } from './key-reasons.repository';

/** How many keys of one channel are in the same state for the same reason. */
export interface ReasonCount {
  readonly state: KeyState;
  readonly code: string | null;
  readonly count: number;
}

/** Tells other features how many keys of a channel are what, as stored, and why. */
@Injectable()
export class KeyReasons {
  constructor(private readonly rows: KeyReasonsRepository) {}

  /** The most frequent reason first. */
  async count(channelId: number): Promise<readonly ReasonCount[]> {
    return this.rows.count(channelId);
  }
}
