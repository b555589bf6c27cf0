import { isMaskedProxy, OutboundProxy } from './outbound-proxy';

const parse = (text: string): OutboundProxy => {
  const proxy = OutboundProxy.parse(text);
  if (!proxy) throw new Error('It is no proxy');
  return proxy;
};

describe(OutboundProxy, () => {
  it.each([
    ['http://proxy.example.com:3128', 'proxy.example.com', 3128],
    ['https://Proxy.Example.com:443/', 'proxy.example.com', 443],
    ['socks5://127.0.0.1:1080', '127.0.0.1', 1080],
    ['SOCKS5H://[2001:DB8::1]:1080', '2001:db8::1', 1080],
    ['socks5://127.1:1080', '127.0.0.1', 1080],
  ])('takes %s apart', (text, host, port) => {
    expect(parse(text)).toMatchObject({ host, port, credentials: null });
  });

  it('reads user and password as they were before they were encoded', () => {
    expect(parse('http://me:p%40ss:word@host:1').credentials).toEqual({ user: 'me', password: 'p@ss:word' });
    expect(parse('http://token@host:1').credentials).toEqual({ user: 'token', password: null });
    expect(parse('http://:secret@host:1').credentials).toEqual({ user: '', password: 'secret' });
    expect(parse('http://@host:1').credentials).toBeNull();
  });

  it('comes back whole, in one form', () => {
    for (const text of ['http://me:p%40ss%3Aword@host:1', 'socks5h://token@host:1', 'https://[2001:db8::1]:443']) {
      expect(parse(text).reveal()).toBe(text);
    }
    expect(parse('HTTP://me:p%40ss:word@HOST:1/').reveal()).toBe('http://me:p%40ss%3Aword@host:1');
  });

  it('shows no secret, which a name without a password is too', () => {
    const proxy = parse('http://me:secret@host:1');
    expect(`${String(proxy)} ${JSON.stringify({ proxy })}`).toBe(
      'http://me:***@host:1 {"proxy":"http://me:***@host:1"}',
    );
    expect(String(parse('http://token@host:1'))).toBe('http://***@host:1');
    expect(String(parse('http://host:1'))).toBe('http://host:1');
  });

  it('knows its own mask', () => {
    for (const text of ['http://me:secret@host:1', 'http://token@host:1']) {
      expect(isMaskedProxy(parse(text))).toBe(false);
      expect(isMaskedProxy(parse(String(parse(text))))).toBe(true);
    }
  });

  it.each([
    '',
    'proxy.example.com:3128',
    'http://proxy.example.com',
    'http://proxy.example.com:0',
    'http://proxy.example.com:65536',
    'http://proxy.example.com:3128/path',
    'http://proxy.example.com:3128?a=b',
    'http://proxy.example.com:3128#a',
    'http://me:p@ss@proxy.example.com:3128',
    'http://me:%zz@proxy.example.com:3128',
    'http://me:a%0d%0ab@proxy.example.com:3128',
    `http://me:${'a'.repeat(256)}@proxy.example.com:3128`,
    'http://a b:3128',
    'http://[::zz]:3128',
    'ftp://proxy.example.com:21',
    'socks4://proxy.example.com:1080',
  ])('takes no %s', (text) => {
    expect(OutboundProxy.parse(text)).toBeNull();
  });
});
