import { Injectable } from '@nestjs/common';
import type { HealthSettings, VerdictOverride } from '../channels/health-settings';
import { AppConfig } from '../config/app-config';

/** How one channel treats its keys: its own settings, else those of the environment. */
export interface HealthPolicy {
  readonly autoDisable: boolean;
  readonly autoProbe: boolean;
  readonly suspectMs: number;
  readonly exhaustedMs: number;
  readonly deadMs: number;
  readonly coolDefaultMs: number;
  readonly breakerOpenMs: number;
  readonly overrides: readonly VerdictOverride[];
}

/** Settles what applies to a channel; asked for the same settings again it answers at once. */
@Injectable()
export class HealthPolicies {
  private readonly known = new WeakMap<HealthSettings, HealthPolicy>();

  constructor(private readonly config: AppConfig) {}

  of(settings: HealthSettings): HealthPolicy {
    const known = this.known.get(settings);
    if (known) return known;
    const { config } = this;
    const policy: HealthPolicy = {
      autoDisable: settings.auto_disable ?? config.keyAutoDisable,
      autoProbe: settings.auto_probe ?? config.keyAutoProbe,
      suspectMs: settings.probe_suspect_ms ?? config.keyProbeSuspectMs,
      exhaustedMs: settings.probe_exhausted_ms ?? config.keyProbeExhaustedMs,
      deadMs: settings.probe_dead_ms ?? config.keyProbeDeadMs,
      coolDefaultMs: settings.cool_default_ms ?? config.keyCoolDefaultMs,
      breakerOpenMs: settings.breaker_open_ms ?? config.keyBreakerOpenMs,
      overrides: settings.verdict_overrides ?? [],
    };
    this.known.set(settings, policy);
    return policy;
  }
}
