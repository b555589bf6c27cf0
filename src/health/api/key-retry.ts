import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock';
import { unixSeconds } from '../../common/unix-seconds';
import { KeySwitch } from '../../keys/key-switch';
import { KeyStillFailingError } from '../health.errors';
import { AdminProbe } from '../probe/admin-probe';
import type { ProbeFinding } from '../probe/probe-finding';
import { UNSUPPORTED_RULE } from '../probe/probe-judgement';
import { ProbeSettlement } from '../probe/probe-settlement';
import type { Verdict } from '../verdict/verdict';

const NO_CHANGE = { to: null, lastsMs: null, probeInMs: null };

/** Brings a key back at an admin's word, if its upstream accepts it. */
@Injectable()
export class KeyRetry {
  constructor(
    private readonly probes: AdminProbe,
    private readonly settlement: ProbeSettlement,
    private readonly keySwitch: KeySwitch,
    private readonly clock: Clock,
  ) {}

  /** Enables a key that is accepted, also one that was switched off by hand; else throws a `KeyStillFailingError`. */
  async retry(channelId: number, index: number): Promise<ProbeFinding> {
    const finding = await this.probes.probe({ channelId, index });
    if (finding.verdict !== null) return this.refuse(finding, finding.verdict);
    await this.keySwitch.switch(channelId, { by: 'id', keyId: finding.key.keyId }, true);
    return finding;
  }

  private async refuse(finding: ProbeFinding, { kind, code, message, rule }: Verdict): Promise<never> {
    const { channelId, index } = finding.key;
    const isSupported = rule !== UNSUPPORTED_RULE;
    // A key that could not be tried is no better known than before.
    const isTold = isSupported && this.settlement.mayTakeOut(finding);
    const transition = isTold ? this.settlement.propose(finding) : null;
    const isStored = transition !== null && (await this.settlement.store(channelId, transition));
    const { to, lastsMs, probeInMs } = isStored ? transition : NO_CHANGE;
    const failing = {
      verdict: kind,
      code,
      message,
      http_status: finding.httpStatus,
      next_probe_at: this.unixSecondsIn(probeInMs),
      cooling_until: to === 'cooling' ? this.unixSecondsIn(lastsMs) : null,
    };
    throw new KeyStillFailingError(channelId, index, failing, isSupported && kind !== 'CHANNEL' && kind !== 'HOST');
  }

  private unixSecondsIn(ms: number | null): number | null {
    return ms === null ? null : unixSeconds(new Date(this.clock.wallMs() + ms));
  }
}
