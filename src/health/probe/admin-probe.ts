import { Injectable } from '@nestjs/common';
import { ChannelReader } from '../../channels/channel-reader';
import { KeyReader } from '../../keys/key-reader';
import { KeyNotFoundError } from '../../keys/keys.errors';
import { HealthRegistry } from '../health-registry';
import type { ProbeFinding } from './probe-finding';
import { Prober } from './prober';

/** Which key an admin asks about, and how. */
interface NamedKey {
  readonly channelId: number;
  /** Left out: the first enabled key. */
  readonly index?: number | undefined;
  /** With a model the probe is a call of it, else it costs nothing where that is possible. */
  readonly model?: string | undefined;
}

/**
 * Probes one key at an admin's word, at once and in whatever state it is; changes no key. A channel that is left alone
 * serves again when its upstream turns out to work.
 */
@Injectable()
export class AdminProbe {
  constructor(
    private readonly channels: ChannelReader,
    private readonly keys: KeyReader,
    private readonly prober: Prober,
    private readonly registry: HealthRegistry,
  ) {}

  /** Throws a `ChannelNotFoundError` or a `KeyNotFoundError`. */
  async probe({ channelId, index, model }: NamedKey): Promise<ProbeFinding> {
    await this.channels.getSummary(channelId);
    const { keyId } = await this.keys.get(channelId, index);
    const finding =
      model === undefined
        ? await this.prober.probe(channelId, keyId, 'free', 'urgent')
        : await this.prober.call(channelId, keyId, model);
    if (!finding) throw new KeyNotFoundError(channelId);
    if (finding.verdict === null) this.registry.find(channelId)?.breaker.close();
    return finding;
  }
}
