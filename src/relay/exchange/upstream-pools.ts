import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type Dispatcher, Pool } from 'undici';
import { guardedLookup } from '../../channels/guarded-lookup';
import { AppConfig } from '../../config/app-config';

// A connection that the upstream closes as we send on it is a lost attempt, so we let go of idle ones before most do.
const KEEP_ALIVE_MS = 20_000;
const LONGEST_KEEP_ALIVE_MS = 25_000;

/** One pool of connections for each origin, every connection checked against UPSTREAM_ALLOW when it is made. */
@Injectable()
export class UpstreamPools implements OnApplicationShutdown {
  private readonly pools = new Map<string, Pool>();

  constructor(private readonly config: AppConfig) {}

  /** Throws an `AddressRefusedError`. */
  get(origin: string): Dispatcher {
    const known = this.pools.get(origin);
    if (known) return known;
    const pool = this.open(new URL(origin));
    this.pools.set(origin, pool);
    return pool;
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.destroy()));
  }

  private open(url: URL): Pool {
    const { upstreamAllow, relayConnectTimeoutMs, relayFirstByteTimeoutMs, relayIdleTimeoutMs } = this.config;
    const lookup = guardedLookup(url, upstreamAllow);
    return new Pool(url.origin, {
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: LONGEST_KEEP_ALIVE_MS,
      headersTimeout: relayFirstByteTimeoutMs,
      bodyTimeout: relayIdleTimeoutMs,
      connect: { timeout: relayConnectTimeoutMs, lookup },
    });
  }
}
