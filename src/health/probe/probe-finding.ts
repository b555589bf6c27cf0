import type { HealthSettings } from '../../channels/health-settings';
import type { StateReason } from '../../keys/key-transition';
import type { Verdict } from '../verdict/verdict';
import type { ProbedKey, ProbeReport } from './probe-report';

/** A probe's report with all that is needed to act on it. */
export interface ProbeFinding extends ProbeReport {
  readonly key: ProbedKey & {
    /** Why the key was in its state before the probe. */
    readonly reason: StateReason;
  };
  /** What the answer says, also where it is nothing against the key, such as an unknown model; null for a good answer. */
  readonly said: Verdict | null;
  /** The channel's, as they were when the key was sent. */
  readonly settings: HealthSettings;
}
