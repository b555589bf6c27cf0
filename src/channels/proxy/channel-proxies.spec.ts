import { randomBytes } from 'node:crypto';
import type { AppConfig } from '../../config/app-config';
import { SecretCipher } from '../../secrets/secret-cipher';
import { ChannelProxies } from './channel-proxies';

describe(ChannelProxies, () => {
  const config = { encryptionKey: randomBytes(32).toString('base64') } as AppConfig;
  const proxies = new ChannelProxies(new SecretCipher(config));
  const proxy = 'http://me:secret@host:3128';

  it('stores nothing for no proxy, and no word of the URL for one', () => {
    expect(proxies.seal(1, null)).toBeNull();
    expect(proxies.seal(1, proxy)).toMatch(/^enc\.v1\.[\w.-]+$/);
  });

  it('opens what belongs to the channel, and shows it masked', () => {
    const channel = { id: 1, proxyCiphertext: proxies.seal(1, proxy) };
    expect(proxies.open(channel)).toBe(proxy);
    expect(proxies.show(channel)).toBe('http://me:***@host:3128');
    expect(proxies.show({ id: 1, proxyCiphertext: null })).toBeNull();
  });

  it('never takes a proxy that cannot be read for none', () => {
    for (const proxyCiphertext of [proxies.seal(2, proxy), 'nonsense']) {
      expect(proxies.open({ id: 1, proxyCiphertext })).toMatch(/\.invalid:/);
    }
  });
});
