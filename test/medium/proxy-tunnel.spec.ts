import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { openTunnel } from '../../src/channels/proxy/proxy-tunnel';
import { UpstreamAllow } from '../../src/config/upstream-allow';
import { ConnectProxy } from '../support/connect-proxy';
import { closedAddress } from '../support/relay-scene';
import { SocksProxy } from '../support/socks-proxy';

const LOGIN = { user: 'me', password: 'p@ss:w/rd' };
const PROXIES = [
  ['an HTTP proxy', ConnectProxy],
  ['a SOCKS proxy', SocksProxy],
] as const;

describe(openTunnel, () => {
  let echo: Server;
  let port: number;

  beforeAll(async () => {
    echo = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.pipe(socket);
    });
    echo.listen(0, '127.0.0.1');
    await once(echo, 'listening');
    ({ port } = echo.address() as AddressInfo);
  });

  afterAll(() => echo.close());

  function open(proxyUrl: string, parts = {}, { allow = '127.0.0.1', timeoutMs = 20_000 } = {}): Promise<Socket> {
    const limits = { allow: UpstreamAllow.parse(allow) as UpstreamAllow, timeoutMs };
    return openTunnel(proxyUrl, { host: '127.0.0.1', port, isSecure: false, ...parts }, limits);
  }

  /** The code of the error that came; fails the test if none did. */
  async function failureOf(opening: Promise<Socket>): Promise<unknown> {
    const error: unknown = await opening.then(
      (socket) => socket.destroy(),
      (thrown: unknown) => thrown,
    );
    expect(String(error)).not.toContain(LOGIN.password);
    return (error as { code?: unknown }).code;
  }

  it.each(PROXIES)('goes through %s with the login of the URL, and carries bytes both ways', async (_name, kind) => {
    const proxy = await kind.start(LOGIN);
    const socket = await open(proxy.url());
    socket.write('over there and back');
    expect(String((await once(socket, 'data'))[0])).toBe('over there and back');
    expect(proxy.tunnels).toEqual([`127.0.0.1:${port}`]);
    socket.destroy();
    await proxy.stop();
  });

  it.each(PROXIES)('leaves names for %s to look up', async (_name, kind) => {
    const proxy = await kind.start();
    (await open(proxy.url(), { host: 'localhost' })).destroy();
    expect(proxy.tunnels).toEqual([`localhost:${port}`]);
    await proxy.stop();
  });

  it.each([
    ['an HTTP proxy', ConnectProxy, 'PROXY_HTTP_407', 'PROXY_HTTP_502'],
    ['a SOCKS proxy', SocksProxy, 'PROXY_AUTHENTICATION_FAILED', 'PROXY_SOCKS_REFUSED'],
  ] as const)('says that %s refuses the login, or cannot reach the target', async (_name, kind, badLogin, noTarget) => {
    const proxy = await kind.start(LOGIN);
    expect(await failureOf(open(proxy.url({ ...LOGIN, password: 'wrong' })))).toBe(badLogin);
    const closed = Number(new URL(await closedAddress()).port);
    expect(await failureOf(open(proxy.url(), { port: closed }))).toBe(noTarget);
    await proxy.stop();
  });

  it.each(PROXIES)('says that %s is not there', async (_name, kind) => {
    const proxy = await kind.start(LOGIN);
    await proxy.stop();
    expect(await failureOf(open(proxy.url()))).toBe('PROXY_ECONNREFUSED');
  });

  it.each(['http', 'socks5', 'https'])('gives up on a silent proxy that should speak %s', async (scheme) => {
    const [silent, held] = [createServer(), [] as Socket[]];
    silent.on('connection', (socket) => held.push(socket));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const url = `${scheme}://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    expect(await failureOf(open(url, {}, { timeoutMs: 300 }))).toBe('UND_ERR_CONNECT_TIMEOUT');
    const [socket] = held;
    if (socket && !socket.destroyed) await once(socket.resume(), 'close');
    silent.close();
  });

  it('gives up on a target that does not speak TLS', async () => {
    const proxy = await ConnectProxy.start();
    // An echo of the greeting is none of the answers that TLS knows.
    expect(await failureOf(open(proxy.url(), { isSecure: true }))).toMatch(/^(ERR_SSL|EPROTO|ECONNRESET)/);
    await proxy.stop();
  });

  it('does not connect to a proxy whose address may not be used', async () => {
    const proxy = await ConnectProxy.start();
    expect(await failureOf(open(proxy.url(), {}, { allow: '' }))).toBe('PROXY_KEYMUX_ADDRESS_REFUSED');
    const named = proxy.url().replace('127.0.0.1', 'localhost');
    expect(await failureOf(open(named, {}, { allow: '' }))).toBe('PROXY_KEYMUX_ADDRESS_REFUSED');
    expect(proxy.tunnels).toEqual([]);
    await proxy.stop();
  });
});
