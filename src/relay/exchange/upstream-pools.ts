import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type buildConnector, type Dispatcher, Pool } from 'undici';
import { ChannelDirectory } from '../../channels/channel-directory';
import type { ChannelRoute } from '../../channels/channel-route';
import { guardedLookup, refuseUnlessAllowed } from '../../channels/guarded-lookup';
import { AppConfig } from '../../config/app-config';
import { proxiedConnector } from './proxied-connector';

type Destination = Pick<ChannelRoute, 'origin' | 'proxy'>;

// A connection that the upstream closes as we send on it is a lost attempt, so we let go of idle ones before most do.
const KEEP_ALIVE_MS = 20_000;
const LONGEST_KEEP_ALIVE_MS = 25_000;
const SWEEP_MS = 60_000;

/**
 * One pool of connections for each origin and the proxy on the way there. Every connection is checked against UPSTREAM_ALLOW
 * when it is made; through a proxy, which looks names up itself, the proxy's address is. Pools that no channel uses any more
 * are closed within two minutes, each after its last request.
 */
@Injectable()
export class UpstreamPools implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly pools = new Map<string, Pool>();
  private readonly closing = new Set<Pool>();
  private sweeping: NodeJS.Timeout | null = null;

  constructor(
    private readonly config: AppConfig,
    private readonly channels: ChannelDirectory,
  ) {}

  onApplicationBootstrap(): void {
    this.sweeping = setInterval(() => {
      this.closeUnused();
    }, SWEEP_MS).unref();
  }

  /** Throws an `AddressRefusedError`. */
  get(destination: Destination): Dispatcher {
    const name = nameOf(destination);
    const known = this.pools.get(name);
    if (known) return known;
    const pool = this.open(destination);
    this.pools.set(name, pool);
    return pool;
  }

  closeUnused(): void {
    const used = new Set(this.channels.list().map(nameOf));
    for (const [name, pool] of this.pools) {
      if (used.has(name)) continue;
      this.pools.delete(name);
      this.closing.add(pool);
      void pool.close().finally(() => this.closing.delete(pool));
    }
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.sweeping) clearInterval(this.sweeping);
    await Promise.all([...this.pools.values(), ...this.closing].map((pool) => pool.destroy()));
  }

  private open({ origin, proxy }: Destination): Pool {
    const { relayFirstByteTimeoutMs, relayIdleTimeoutMs } = this.config;
    return new Pool(origin, {
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: LONGEST_KEEP_ALIVE_MS,
      headersTimeout: relayFirstByteTimeoutMs,
      bodyTimeout: relayIdleTimeoutMs,
      connect: this.connection(new URL(origin), proxy),
    });
  }

  private connection(upstream: URL, proxy: string | null): buildConnector.connector | buildConnector.BuildOptions {
    const { upstreamAllow: allow, relayConnectTimeoutMs: timeoutMs } = this.config;
    if (proxy === null) return { timeout: timeoutMs, lookup: guardedLookup(upstream, allow) };
    refuseUnlessAllowed(upstream, allow);
    return proxiedConnector(proxy, { allow, timeoutMs });
  }
}

function nameOf({ origin, proxy }: Destination): string {
  return `${origin} ${proxy ?? ''}`;
}
