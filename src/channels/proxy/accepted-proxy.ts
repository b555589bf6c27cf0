import type { UpstreamAllow } from '../../config/upstream-allow';
import { ProxyRefusedError } from '../channels.errors';
import { isMaskedProxy, OutboundProxy } from './outbound-proxy';

/**
 * The proxy that an admin asks for; null for none. Whoever sends back what answers show of the proxy in use keeps it.
 * Throws a `ProxyRefusedError` that says what is wrong.
 */
export function acceptedProxy(text: string | null, inUse: string | null, allow: UpstreamAllow): string | null {
  if (text === null || text.trim() === '') return null;
  const proxy = OutboundProxy.parse(text.trim());
  if (!proxy) {
    throw new ProxyRefusedError(
      'proxy must be http://, https:// or socks5:// with [user:password@]host:port and no path; other characters than ' +
        'letters and digits in user and password are percent-encoded',
    );
  }
  if (isMaskedProxy(proxy)) return keptProxy(proxy, inUse);
  const problem = allow.problemWith(proxy.address);
  if (problem !== null) throw new ProxyRefusedError(problem);
  return proxy.reveal();
}

function keptProxy(masked: OutboundProxy, inUse: string | null): string {
  if (inUse !== null && OutboundProxy.parse(inUse)?.toString() === masked.toString()) return inUse;
  throw new ProxyRefusedError('The password of proxy is masked: send it, or leave proxy out to keep the one in use');
}
