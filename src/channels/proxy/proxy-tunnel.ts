import { type EventEmitter, once } from 'node:events';
import { request } from 'node:http';
import { connect as connectPlainly, isIPv6, isIP, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { SocksClient } from 'socks';
import type { UpstreamAllow } from '../../config/upstream-allow';
import { guardedLookup } from '../guarded-lookup';
import { OutboundProxy } from './outbound-proxy';

/** Whom to reach through a proxy. */
export interface TunnelTarget {
  /** A name, which the proxy looks up, or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether to speak TLS with it; the proxy then sees nothing of what is said. */
  readonly isSecure: boolean;
}

export interface TunnelLimits {
  readonly allow: UpstreamAllow;
  /** For all of it: the proxy, the way on, and TLS. */
  readonly timeoutMs: number;
}

interface Passage {
  readonly proxy: OutboundProxy;
  readonly target: TunnelTarget;
  readonly signal: AbortSignal;
}

/** Holds a code alone: what proxies say, and what their clients throw, may quote the password. */
class TunnelError extends Error {
  constructor(readonly code: string) {
    super(`No way through the proxy (${code})`);
  }
}

// undici's name for it, as without a proxy: who waited in vain is told of a timeout.
const TIMED_OUT = 'UND_ERR_CONNECT_TIMEOUT';
const KEEP_ALIVE_PROBE_MS = 60_000;

/**
 * A connection to the target through a proxy, whose own address is checked against UPSTREAM_ALLOW. What goes wrong before the
 * target is reached throws an error with a code that begins with `PROXY_`, such as `PROXY_ECONNREFUSED` or `PROXY_HTTP_407`;
 * time that runs out one with `UND_ERR_CONNECT_TIMEOUT`; what goes wrong with the target's TLS, that error.
 */
export async function openTunnel(proxyUrl: string, target: TunnelTarget, limits: TunnelLimits): Promise<Socket> {
  const { signal, ...deadline } = startDeadline(limits.timeoutMs);
  let socket: Socket | null = null;
  signal.addEventListener('abort', () => socket?.destroy());
  try {
    const proxy = OutboundProxy.parse(proxyUrl);
    if (!proxy) throw new TunnelError('PROXY_MALFORMED');
    socket = dial(proxy, limits.allow);
    await passProxy(socket, { proxy, target, signal });
    return target.isSecure ? await secured(socket, target.host, signal) : socket;
  } catch (error) {
    socket?.destroy();
    throw signal.aborted ? new TunnelError(TIMED_OUT) : error;
  } finally {
    deadline.clear();
  }
}

function startDeadline(timeoutMs: number): { signal: AbortSignal; clear: () => void } {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort();
  }, timeoutMs);
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer);
    },
  };
}

function dial({ scheme, address, host, port }: OutboundProxy, allow: UpstreamAllow): Socket {
  try {
    const options = { host, port, lookup: guardedLookup(address, allow) };
    return withoutSurprises(
      scheme === 'https'
        ? connectSecurely({ ...options, ...tlsOptions(host) })
        : connectPlainly({ ...options, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS }),
    );
  } catch (error) {
    throw proxyError(error);
  }
}

async function passProxy(socket: Socket, { proxy, target, signal }: Passage): Promise<void> {
  try {
    await once(socket, proxy.scheme === 'https' ? 'secureConnect' : 'connect', { signal });
    await (proxy.scheme.startsWith('http') ? connectByHttp : connectBySocks)(socket, proxy, target);
  } catch (error) {
    throw proxyError(error);
  }
}

/** RFC 9110, section 9.3.6. */
async function connectByHttp(socket: Socket, { credentials }: OutboundProxy, target: TunnelTarget): Promise<void> {
  const authority = `${isIPv6(target.host) ? `[${target.host}]` : target.host}:${target.port}`;
  const userInfo = credentials && `${credentials.user}:${credentials.password ?? ''}`;
  const headers = {
    host: authority,
    ...(userInfo !== null && { 'proxy-authorization': `Basic ${Buffer.from(userInfo).toString('base64')}` }),
  };
  const asking = withoutSurprises(
    request({ method: 'CONNECT', path: authority, headers, createConnection: () => socket }),
  );
  asking.end();
  const [{ statusCode = 0 }, , head] = (await once(asking, 'connect')) as [{ statusCode?: number }, Socket, Buffer];
  if (statusCode < 200 || statusCode > 299) throw new TunnelError(`PROXY_HTTP_${statusCode}`);
  if (head.length > 0) socket.unshift(head);
}

/** RFC 1928 and 1929. */
async function connectBySocks(socket: Socket, proxy: OutboundProxy, { host, port }: TunnelTarget): Promise<void> {
  const { user: userId = '', password } = proxy.credentials ?? {};
  try {
    await SocksClient.createConnection({
      command: 'connect',
      proxy: { type: 5, host: proxy.host, port: proxy.port, userId, password: password ?? '' },
      destination: { host, port },
      existing_socket: socket,
    });
  } catch (error) {
    throw new TunnelError(
      /authentication/i.test(String(error)) ? 'PROXY_AUTHENTICATION_FAILED' : 'PROXY_SOCKS_REFUSED',
    );
  }
}

async function secured(tunnel: Socket, host: string, signal: AbortSignal): Promise<Socket> {
  const secure = withoutSurprises(connectSecurely({ socket: tunnel, host, ...tlsOptions(host) }));
  await once(secure, 'secureConnect', { signal });
  return secure;
}

function tlsOptions(host: string): { ALPNProtocols: string[]; servername?: string } {
  return { ALPNProtocols: ['http/1.1'], ...(isIP(host) === 0 && { servername: host }) };
}

/** Between two steps nobody listens, and an error that nobody hears ends the program. */
function withoutSurprises<E extends EventEmitter>(emitter: E): E {
  return emitter.on('error', () => undefined);
}

function proxyError(error: unknown): TunnelError {
  if (error instanceof TunnelError) return error;
  const { code } = error as { code?: unknown };
  return new TunnelError(`PROXY_${typeof code === 'string' ? code : 'FAILED'}`);
}
