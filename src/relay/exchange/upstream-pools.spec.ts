import type { ChannelDirectory } from '../../channels/channel-directory';
import type { ChannelRoute } from '../../channels/channel-route';
import type { AppConfig } from '../../config/app-config';
import { UpstreamAllow } from '../../config/upstream-allow';
import { UpstreamPools } from './upstream-pools';

const DIRECT = { origin: 'https://api.openai.com', proxy: null };
const PROXIED = { ...DIRECT, proxy: 'http://me:secret@proxy.example.com:3128' };

describe(UpstreamPools, () => {
  let routes: (typeof DIRECT | typeof PROXIED)[];
  let pools: UpstreamPools;

  beforeEach(() => {
    routes = [];
    const config = { upstreamAllow: UpstreamAllow.parse(''), relayConnectTimeoutMs: 5_000 } as AppConfig;
    const directory: Partial<ChannelDirectory> = { list: () => routes as ChannelRoute[] };
    pools = new UpstreamPools(config, directory as ChannelDirectory);
  });

  afterEach(() => pools.onApplicationShutdown());

  it('keeps one pool for each origin and proxy', () => {
    expect(pools.get({ ...DIRECT })).toBe(pools.get({ ...DIRECT }));
    expect(pools.get({ ...PROXIED })).toBe(pools.get({ ...PROXIED }));
    expect(pools.get(PROXIED)).not.toBe(pools.get(DIRECT));
    expect(pools.get({ ...DIRECT, origin: 'https://api.deepseek.com' })).not.toBe(pools.get(DIRECT));
  });

  it('refuses an upstream that is not allowed, proxy or not', () => {
    const origin = 'http://10.0.0.1:8000';
    for (const proxy of [null, PROXIED.proxy]) {
      expect(() => pools.get({ origin, proxy })).toThrow(/UPSTREAM_ALLOW/);
    }
  });

  it('closes the pools that no channel uses any more', () => {
    const [direct, proxied] = [pools.get(DIRECT), pools.get(PROXIED)];
    routes = [PROXIED];
    pools.closeUnused();
    expect(pools.get(PROXIED)).toBe(proxied);
    expect(pools.get(DIRECT)).not.toBe(direct);
  });
});
