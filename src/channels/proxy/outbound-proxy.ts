// The proxy looks names up in all of them, so that `socks5` is no other than `socks5h`.
type ProxyScheme = 'http' | 'https' | 'socks5' | 'socks5h';

interface Credentials {
  readonly user: string;
  /** Null when the URL has a name alone: then the name is the secret. */
  readonly password: string | null;
}

const FORM =
  /^(?<scheme>https?|socks5h?):\/\/(?:(?<userInfo>[^\s/?#@]*)@)?(?<host>\[[\da-f:.]+\]|[^\s/?#@:[\]]+):(?<port>\d{1,5})\/?$/i;
// SOCKS5 gives each one byte for its length.
const MOST_CREDENTIAL_BYTES = 255;
const MASK = '***';

/** A proxy of a channel, which shows its password to nobody but those who ask for it. */
export class OutboundProxy {
  private constructor(
    readonly scheme: ProxyScheme,
    /** Its address as an https URL: what UPSTREAM_ALLOW judges. */
    readonly address: URL,
    readonly port: number,
    readonly credentials: Credentials | null,
  ) {}

  /** Null for what is not `scheme://[user:password@]host:port`. */
  static parse(text: string): OutboundProxy | null {
    const { groups } = FORM.exec(text) ?? {};
    if (!groups) return null;
    const { scheme = '', userInfo = '', host = '', port = '' } = groups;
    const address = `https://${host}:${port}`;
    const credentials = readCredentials(userInfo);
    if (credentials === undefined || Number(port) === 0 || !URL.canParse(address)) return null;
    return new OutboundProxy(scheme.toLowerCase() as ProxyScheme, new URL(address), Number(port), credentials);
  }

  /** Host name or address, an IPv6 address without brackets. */
  get host(): string {
    return this.address.hostname.replace(/^\[|\]$/g, '');
  }

  /** The whole URL in one form, with the password. */
  reveal(): string {
    const { user = '', password = null } = this.credentials ?? {};
    const secret = password === null ? '' : `:${encodeURIComponent(password)}`;
    return this.withUserInfo(encodeURIComponent(user) + secret);
  }

  /** The URL with its secret masked. */
  toString(): string {
    const { user = '', password = null } = this.credentials ?? {};
    return this.withUserInfo(password === null ? MASK : `${encodeURIComponent(user)}:${MASK}`);
  }

  toJSON(): string {
    return this.toString();
  }

  private withUserInfo(userInfo: string): string {
    const { hostname } = this.address;
    return `${this.scheme}://${this.credentials === null ? '' : `${userInfo}@`}${hostname}:${this.port}`;
  }
}

/** Whether the secret of this URL is only the mask that answers show in its place. */
export function isMaskedProxy({ credentials }: OutboundProxy): boolean {
  return credentials !== null && (credentials.password ?? credentials.user) === MASK;
}

/** Undefined for what cannot be sent. */
function readCredentials(userInfo: string): Credentials | null | undefined {
  const [user = '', ...rest] = userInfo.split(':');
  try {
    const decoded = [user, rest.join(':')].map(decodeURIComponent);
    if (decoded.some((text) => Buffer.byteLength(text) > MOST_CREDENTIAL_BYTES || /\p{Cc}/u.test(text)))
      return undefined;
    const [name = '', password = ''] = decoded;
    if (name === '' && password === '') return null;
    return { user: name, password: rest.length === 0 ? null : password };
  } catch {
    return undefined;
  }
}
