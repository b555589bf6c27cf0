import { Injectable } from '@nestjs/common';
import { SecretCipher } from '../../secrets/secret-cipher';
import type { Channel } from '../channel.entity';
import { OutboundProxy } from './outbound-proxy';

/** As much of a channel as its proxy needs. */
export type ProxiedChannel = Pick<Channel, 'id' | 'proxyCiphertext'>;

// Nobody has this name (RFC 6761): requests fail rather than go without the proxy that they were to go through.
const UNREADABLE = 'http://unreadable.invalid:1';

/** Keeps the proxies of channels encrypted in the database: their URLs hold passwords. */
@Injectable()
export class ChannelProxies {
  constructor(private readonly cipher: SecretCipher) {}

  seal(channelId: number, proxy: string | null): string | null {
    return proxy === null ? null : this.cipher.seal(proxy, placeOf(channelId));
  }

  /** The URL with its password, or null for none; one that cannot be decrypted becomes one that reaches nobody. */
  open({ id, proxyCiphertext }: ProxiedChannel): string | null {
    return proxyCiphertext === null ? null : (this.cipher.open(proxyCiphertext, placeOf(id)) ?? UNREADABLE);
  }

  /** The URL as answers show it. */
  show(channel: ProxiedChannel): string | null {
    const proxy = this.open(channel);
    return proxy === null ? null : String(OutboundProxy.parse(proxy));
  }
}

function placeOf(channelId: number): string {
  return `channels|${channelId}|proxy`;
}
