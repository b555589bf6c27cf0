import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock';
import { type KeyTransition, WITHOUT_REASON } from '../../keys/key-transition';
import { KeyTransitions } from '../../keys/key-transitions';
import { HealthPolicies } from '../health-policy';
import type { SeenKey } from '../seen-key';
import { decide } from './probe-decision';
import type { ProbeFinding } from './probe-finding';

/** Lets what a probe found take its effect on the key. */
@Injectable()
export class ProbeSettlement {
  constructor(
    private readonly policies: HealthPolicies,
    private readonly transitions: KeyTransitions,
    private readonly clock: Clock,
  ) {}

  /** Whether the channel lets answers take keys out. */
  mayTakeOut({ settings }: ProbeFinding): boolean {
    return this.policies.of(settings).autoDisable;
  }

  /** What is to become of the key; null for nothing new. */
  propose(finding: ProbeFinding): KeyTransition | null {
    return decide(finding, this.policies.of(finding.settings), Math.random(), this.clock.wallMs());
  }

  /** Whether it came to that: a key that has changed since it was probed is left as it is. */
  async store(channelId: number, transition: KeyTransition): Promise<boolean> {
    const { keyIds } = await this.transitions.apply(channelId, [transition]);
    return keyIds.has(transition.keyId);
  }

  /** Brings a key back without a finding, unless it has changed since it was seen. */
  async release(channelId: number, { keyId, revision }: Pick<SeenKey, 'keyId' | 'revision'>): Promise<void> {
    await this.store(channelId, { ...WITHOUT_REASON, keyId, revision, to: 'active', actor: 'system' });
  }
}
