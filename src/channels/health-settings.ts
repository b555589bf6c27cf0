import type { VerdictKind } from './verdict-kinds';

/** A channel's own word on what an upstream's answer means; the first that fits decides. */
export interface VerdictOverride {
  readonly status: number;
  /** Must equal the answer's error code, type or reason. */
  readonly code?: string;
  /** The answer's error message must begin with this. */
  readonly message_prefix?: string;
  readonly verdict: VerdictKind;
  /** How long the key rests, for verdicts that let it rest. */
  readonly cool_seconds?: number;
}

/** What a channel settles for itself about the health of its keys; what it leaves out, the environment decides. */
export interface HealthSettings {
  /** False: answers of the upstream take no key out. */
  readonly auto_disable?: boolean;
  /** False: keys are probed only when an admin asks; those that wait for a probe are left to the next requests then. */
  readonly auto_probe?: boolean;
  /** The model that a probe by call asks for; left out, the channel's first model. */
  readonly test_model?: string;
  readonly probe_suspect_ms?: number;
  readonly probe_exhausted_ms?: number;
  readonly probe_dead_ms?: number;
  readonly cool_default_ms?: number;
  readonly breaker_open_ms?: number;
  readonly verdict_overrides?: readonly VerdictOverride[];
}
