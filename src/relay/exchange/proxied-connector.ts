import type { buildConnector } from 'undici';
import { openTunnel, type TunnelLimits } from '../../channels/proxy/proxy-tunnel';

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/** Makes undici's connections through this proxy (its URL, with the password). */
export function proxiedConnector(proxy: string, limits: TunnelLimits): buildConnector.connector {
  return ({ hostname, port, protocol }, callback) => {
    const target = {
      host: hostname,
      port: Number(port) || (DEFAULT_PORTS[protocol] ?? 0),
      isSecure: protocol === 'https:',
    };
    openTunnel(proxy, target, limits).then(
      (socket) => {
        callback(null, socket);
      },
      (error: unknown) => {
        callback(error as Error, null);
      },
    );
  };
}
