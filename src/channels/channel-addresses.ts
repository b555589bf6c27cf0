import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { acceptBaseUrl } from './base-url';
import type { Channel } from './channel.entity';
import { acceptedProxy } from './proxy/accepted-proxy';
import { ChannelProxies, type ProxiedChannel } from './proxy/channel-proxies';

/** Takes from admins where a channel's requests go, if UPSTREAM_ALLOW lets them go there. */
@Injectable()
export class ChannelAddresses {
  constructor(
    private readonly proxies: ChannelProxies,
    private readonly config: AppConfig,
  ) {}

  /** The form in which a base URL is stored. Throws a `BaseUrlRefusedError`. */
  acceptBaseUrl(text: string): string {
    return acceptBaseUrl(text, this.config.upstreamAllow);
  }

  /** What is stored for the proxy asked for; nothing changes when it was left out. Throws a `ProxyRefusedError`. */
  acceptProxy(channel: ProxiedChannel, asked: string | null | undefined): Pick<Channel, 'proxyCiphertext'> {
    if (asked === undefined) return { proxyCiphertext: channel.proxyCiphertext };
    const proxy = acceptedProxy(asked, this.proxies.open(channel), this.config.upstreamAllow);
    return { proxyCiphertext: this.proxies.seal(channel.id, proxy) };
  }
}
