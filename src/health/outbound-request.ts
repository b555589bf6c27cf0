import { Agent as HttpAgent, type AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import type { AxiosRequestConfig } from 'axios';
import { guardedLookup, refuseUnlessAllowed } from '../channels/guarded-lookup';
import { openTunnel, type TunnelLimits } from '../channels/proxy/proxy-tunnel';
import type { UpstreamAllow } from '../config/upstream-allow';

/** Where a request of our own goes. */
export interface Destination {
  /** Of this, scheme, host and port count. */
  readonly upstream: URL;
  /** URL of the proxy to go through, with its password; null for none. */
  readonly proxy: string | null;
}

type Agents = Required<Pick<AxiosRequestConfig, 'httpAgent' | 'httpsAgent'>>;
type OnConnected = (error: Error | null, socket?: Duplex) => void;

const TUNNEL_TIMEOUT_MS = 10_000;

/**
 * What every request of our own has in common: it goes to this origin, at an address that may be used, and nowhere else.
 * Any status counts as an answer. Throws an error with the code `KEYMUX_ADDRESS_REFUSED` for an origin that UPSTREAM_ALLOW
 * does not allow; a name with no usable address fails with that code later, and a proxy with a code that begins `PROXY_`.
 */
export function guardedRequest(destination: Destination, allow: UpstreamAllow): AxiosRequestConfig {
  return {
    ...agentsFor(destination, allow),
    // A redirect would carry secrets past the guard; so would a proxy of the environment.
    maxRedirects: 0,
    proxy: false,
    validateStatus: () => true,
  };
}

function agentsFor({ upstream, proxy }: Destination, allow: UpstreamAllow): Agents {
  if (proxy === null) {
    const connection = { lookup: guardedLookup(upstream, allow) } as AgentOptions;
    return { httpAgent: new HttpAgent(connection), httpsAgent: new HttpsAgent(connection) };
  }
  refuseUnlessAllowed(upstream, allow);
  const limits = { allow, timeoutMs: TUNNEL_TIMEOUT_MS };
  return {
    httpAgent: throughProxy(new HttpAgent(), { proxy, isSecure: false }, limits),
    httpsAgent: throughProxy(new HttpsAgent(), { proxy, isSecure: true }, limits),
  };
}

/** The agent, which from now on makes its connections through the proxy. */
function throughProxy(
  agent: HttpAgent,
  { proxy, isSecure }: { proxy: string; isSecure: boolean },
  limits: TunnelLimits,
): HttpAgent {
  const createConnection = (
    { host, port }: { host: string; port: number | string },
    onConnected: OnConnected,
  ): void => {
    openTunnel(proxy, { host, port: Number(port), isSecure }, limits).then((socket) => {
      onConnected(null, socket);
    }, onConnected);
  };
  return Object.assign(agent, { createConnection });
}
