import type { Strike } from '../../src/health/attempt-facts';
import type { UsedKey } from '../../src/health/seen-key';
import type { KeyCommand } from './key-state-commands';
import type { StoredKeyRow } from './key-state-facts';
import { KeyModel } from './key-state-model';

interface Attempt {
  readonly key: UsedKey;
  readonly version: number;
  readonly model: string;
  readonly startedAtMs: number;
}

interface TrackedStrike {
  readonly strike: Strike;
  readonly pool: number;
}

interface Probe {
  readonly row: StoredKeyRow;
  readonly version: number;
}

/** One real key with its model and what is under way with it. */
export class TrackedKey {
  readonly model = new KeyModel();
  readonly attempts: Attempt[] = [];
  readonly strikes: TrackedStrike[] = [];
  readonly probes: Probe[] = [];

  constructor(
    readonly number: number,
    public row: StoredKeyRow,
    readonly commands: readonly KeyCommand[],
  ) {}
}
