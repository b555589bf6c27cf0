import { UpstreamAllow } from '../../config/upstream-allow';
import { ProxyRefusedError } from '../channels.errors';
import { acceptedProxy } from './accepted-proxy';

const allow = UpstreamAllow.parse('10.0.0.1:3128') as UpstreamAllow;
const accept = (text: string | null, inUse: string | null = null): string | null => acceptedProxy(text, inUse, allow);

describe(acceptedProxy, () => {
  it('takes null and nothing as no proxy', () => {
    for (const text of [null, '', '  ']) expect(accept(text, 'http://me:secret@host:1')).toBeNull();
  });

  it('takes a public proxy in any scheme, and a private one that is listed', () => {
    for (const text of ['http://p.example.com:3128', 'socks5://p.example.com:1080', 'http://me:secret@10.0.0.1:3128']) {
      expect(accept(text)).toBe(text);
    }
  });

  it.each(['http://10.0.0.2:3128', 'socks5://127.0.0.1:1080', 'http://localhost:1', 'socks5h://0x7f.1:1080'])(
    'refuses %s and names the setting that would allow it',
    (text) => {
      expect(() => accept(text)).toThrow(/UPSTREAM_ALLOW/);
    },
  );

  it('says what a proxy looks like without quoting what was sent', () => {
    const text = 'http://me:sec@ret@p.example.com:3128';
    expect(() => accept(text)).toThrow(/^proxy must be/);
    expect(() => accept(text)).not.toThrow(/sec/);
  });

  it('names the field at fault', () => {
    expect(new ProxyRefusedError('why').faults).toEqual([{ field: 'proxy', message: 'why' }]);
  });

  it('keeps the proxy in use when its mask comes back', () => {
    const inUse = 'http://me:secret@10.0.0.1:3128';
    expect(accept('http://me:***@10.0.0.1:3128', inUse)).toBe(inUse);
  });

  it('refuses a mask that is not that of the proxy in use', () => {
    const masked = 'http://me:***@10.0.0.1:3128';
    for (const inUse of [null, 'http://me:secret@p.example.com:3128', 'http://you:secret@10.0.0.1:3128']) {
      expect(() => accept(masked, inUse)).toThrow(ProxyRefusedError);
    }
  });
});
