import { Injectable } from '@nestjs/common';
import { KeyReader } from '../../keys/key-reader';
import type { ProbeFinding } from './probe-finding';
import type { ProbePriority } from './probe-lane';
import { ProbeLeases } from './probe-leases.repository';
import { ProbeLimiter } from './probe-limiter';
import type { ProbeDepth } from './probe-report';
import { type ProbeAsk, UpstreamProbe } from './upstream-probe';

/**
 * Finds out whether an upstream accepts a key, in whatever state it is, and changes nothing. Answers null when there is
 * nothing to find out: the key or its channel is gone, the key cannot be decrypted, or the program stops. Throws what the
 * database throws.
 */
@Injectable()
export class Prober {
  constructor(
    private readonly keys: KeyReader,
    private readonly limiter: ProbeLimiter,
    private readonly leases: ProbeLeases,
    private readonly upstream: UpstreamProbe,
  ) {}

  async probe(
    channelId: number,
    keyId: number,
    depth: ProbeDepth,
    priority: ProbePriority,
  ): Promise<ProbeFinding | null> {
    return this.inTurn(channelId, keyId, { depth }, priority);
  }

  /** An urgent probe by a call of this model. */
  async call(channelId: number, keyId: number, model: string): Promise<ProbeFinding | null> {
    return this.inTurn(channelId, keyId, { depth: 'call', model }, 'urgent');
  }

  /** For schedules, which run in every instance: null too when another one has this channel. */
  async scheduled(channelId: number, keyId: number, depth: ProbeDepth): Promise<ProbeFinding | null> {
    return (await this.leases.hold(channelId)) ? this.inTurn(channelId, keyId, { depth }, 'scheduled') : null;
  }

  private async inTurn(
    channelId: number,
    keyId: number,
    ask: ProbeAsk,
    priority: ProbePriority,
  ): Promise<ProbeFinding | null> {
    // Read when its turn has come: what is sent, and where, is what was true at that moment.
    return this.limiter.run(channelId, keyId, priority, async (signal) => {
      const key = await this.keys.findById(channelId, keyId);
      if (!key || (priority === 'scheduled' && key.state === 'manual')) return null;
      const { index, mask, state, revision, failedProbes, reason } = key;
      const outcome = await this.upstream.send(key, ask, signal);
      return {
        ...outcome,
        key: { channelId, keyId, index, mask, state, revision, failedProbes, reason },
        settings: key.upstream.settings,
      };
    });
  }
}
