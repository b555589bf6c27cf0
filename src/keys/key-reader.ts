import { Injectable } from '@nestjs/common';
import { headersToOverride } from '../channels/channel-overrides';
import type { ChannelSettings } from '../channels/channel-settings';
import { ModelMapping } from '../channels/model-mapping';
import type { ProviderType } from '../channels/provider-type';
import { ChannelProxies } from '../channels/proxy/channel-proxies';
import type { ChannelKey } from './channel-key.entity';
import { KeySecrets } from './key-secrets';
import type { KeyState } from './key-state';
import type { StateReason } from './key-transition';
import { KeyNotFoundError } from './keys.errors';
import { KeysRepository } from './keys.repository';

/** Where a key goes; read together with it, so that no key ever goes where its channel pointed at another time. */
export interface KeyUpstream {
  readonly baseUrl: string;
  readonly type: ProviderType;
  /** URL of the proxy to go through, with its password; null for none. */
  readonly proxy: string | null;
  /** Empty: any model. */
  readonly models: readonly string[];
  readonly modelMapping: ModelMapping;
  /** Header in lower case -> the value that it gets; null removes it. */
  readonly headerOverride: ReadonlyMap<string, string | null>;
  readonly settings: ChannelSettings;
}

/** One key in clear, for a request of our own. */
export interface RevealedKey {
  readonly keyId: number;
  readonly index: number;
  readonly mask: string;
  readonly secret: string;
  readonly revision: number;
  readonly state: KeyState;
  /** Why it is in that state. */
  readonly reason: StateReason;
  /** Probes in a row that found it unfit. */
  readonly failedProbes: number;
  readonly upstream: KeyUpstream;
}

/** Gives single keys from the database, whatever their state, to those who must send one. */
@Injectable()
export class KeyReader {
  constructor(
    private readonly keys: KeysRepository,
    private readonly secrets: KeySecrets,
    private readonly proxies: ChannelProxies,
  ) {}

  /** The key at this index, or the first enabled one. Throws a `KeyNotFoundError`. */
  async get(channelId: number, index: number | undefined): Promise<RevealedKey> {
    const key =
      index === undefined ? await this.keys.findFirstEnabled(channelId) : await this.keys.findByIndex(channelId, index);
    const revealed = this.reveal(key);
    if (!revealed) throw new KeyNotFoundError(channelId);
    return revealed;
  }

  /** Null when the key or its channel is gone, or the key cannot be decrypted. */
  async findById(channelId: number, keyId: number): Promise<RevealedKey | null> {
    return this.reveal(await this.keys.findById(channelId, keyId));
  }

  private reveal(key: ChannelKey | null): RevealedKey | null {
    if (!key?.secretCiphertext || !key.channel) return null;
    const { id: keyId, channelId, channel } = key;
    const secret = this.secrets.reveal(key.secretCiphertext, { keyId, channelId });
    if (secret === null) return null;
    const { baseUrl, type, models, settings } = channel;
    return {
      keyId,
      index: key.position,
      mask: key.mask,
      secret,
      revision: key.revision,
      state: key.state,
      reason: {
        code: key.statusCode,
        detail: key.statusDetail,
        httpStatus: key.statusHttp,
        model: key.statusModel,
      },
      failedProbes: key.failedProbes,
      upstream: {
        baseUrl,
        type,
        proxy: this.proxies.open(channel),
        models,
        modelMapping: new ModelMapping(channel.modelMapping),
        headerOverride: headersToOverride(channel.headerOverride),
        settings,
      },
    };
  }
}
