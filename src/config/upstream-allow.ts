import { IPv4, IPv6 } from 'ipaddr.js';

type Address = IPv4 | IPv6;

interface NameEntry {
  readonly name: string;
  readonly port: number | null;
}

interface RangeEntry {
  readonly network: Address;
  readonly prefixLength: number;
  readonly port: number | null;
}

type ParsedEntry = NameEntry | RangeEntry | { readonly problem: string };

const HIGHEST_PORT = 65_535;
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

// Ranges whose addresses carry an IPv4 address, and the 16-bit group it starts at.
const CARRIERS_OF_IPV4: readonly { range: [IPv6, number]; group: number }[] = [
  { range: IPv6.parseCIDR('::/96'), group: 6 },
  { range: IPv6.parseCIDR('::ffff:0:0/96'), group: 6 },
  { range: IPv6.parseCIDR('::ffff:0:0:0/96'), group: 6 },
  { range: IPv6.parseCIDR('64:ff9b::/96'), group: 6 },
  { range: IPv6.parseCIDR('64:ff9b:1::/48'), group: 6 },
  { range: IPv6.parseCIDR('2002::/16'), group: 1 },
];

// RFC 8215: a translator of this network, so never public, whatever it carries.
const LOCAL_NAT64 = IPv6.parseCIDR('64:ff9b:1::/48');
const GLOBAL_UNICAST = IPv6.parseCIDR('2000::/3');

const METADATA_NAMES: ReadonlySet<string> = new Set(['metadata.google.internal', 'metadata.goog']);
const METADATA_ADDRESSES: ReadonlySet<string> = new Set(
  // Alibaba, Azure, Oracle, AWS, Google; all others answer at a link-local address.
  ['100.100.100.200', '168.63.129.16', '192.0.0.192', 'fd00:ec2::254', 'fd20:ce::254'].map((text) =>
    (IPv4.isValid(text) ? IPv4.parse(text) : IPv6.parse(text)).toString(),
  ),
);

/** Decides which hosts and addresses an upstream may have: the public ones over https, and those that the operator lists. */
export class UpstreamAllow {
  private constructor(
    private readonly names: readonly NameEntry[],
    private readonly ranges: readonly RangeEntry[],
  ) {}

  /** Reads a comma list of hosts, host:port, addresses and CIDRs; a list with faults names each by its place. */
  static parse(list: string): UpstreamAllow | string[] {
    const names: NameEntry[] = [];
    const ranges: RangeEntry[] = [];
    const problems: string[] = [];
    for (const [index, text] of list
      .split(',')
      .map((part) => part.trim())
      .entries()) {
      if (text === '') continue;
      const entry = parseEntry(text);
      if ('problem' in entry) problems.push(`entry ${index + 1} ${entry.problem}`);
      else if ('name' in entry) names.push(entry);
      else ranges.push(entry);
    }
    return problems.length > 0 ? problems : new UpstreamAllow(names, ranges);
  }

  /** Says in one sentence why this base URL may not be used and what to do about it, or null if it may be used. */
  problemWith(url: URL): string | null {
    const formProblem = problemWithForm(url);
    if (formProblem !== null) return formProblem;

    const name = plainName(url.hostname);
    const address = parseAddress(name);
    if (isForbiddenName(name) || (address !== null && isForbidden(address))) {
      return `${url.host} is a link-local or cloud metadata address, which no upstream may have, whatever UPSTREAM_ALLOW says.`;
    }
    if (this.lists(name, address, portOf(url))) return null;
    if (address !== null && !isPublic(address)) {
      return `${url.host} is not a public address: if it is meant, add it to UPSTREAM_ALLOW.`;
    }
    if (isLocalName(name)) return `${url.host} names this machine: if it is meant, add it to UPSTREAM_ALLOW.`;
    if (url.protocol === 'http:')
      return `${url.host} is not served over https: use https, or add it to UPSTREAM_ALLOW.`;
    return null;
  }

  /** Whether a connection for this host and port may go to this resolved address; to be asked for every connection, as names may be rebound. */
  allowsAddress(address: string, host: string, port: number): boolean {
    const target = parseAddress(address);
    const name = plainName(host);
    if (target === null || isForbidden(target) || isForbiddenName(name)) return false;
    return isPublic(target) || this.lists(name, target, port);
  }

  private lists(name: string, address: Address | null, port: number): boolean {
    if (this.names.some((entry) => entry.name === name && servesPort(entry, port))) return true;
    if (address === null) return false;
    const forms = formsOf(address);
    return this.ranges.some(
      (entry) => servesPort(entry, port) && forms.some((form) => isWithin(form, [entry.network, entry.prefixLength])),
    );
  }
}

function problemWithForm(url: URL): string | null {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return `A base URL starts with https:// or http://, not with ${url.protocol}//.`;
  }
  if (url.username !== '' || url.password !== '') {
    return `The base URL for ${url.host} holds a user name or password: leave it out, keys are stored apart.`;
  }
  // An empty query or fragment shows only in the text, and would still swallow the path put behind it.
  if (url.href.includes('?') || url.href.includes('#')) {
    return `The base URL for ${url.host} holds a query or a fragment: give only scheme, host, port and path.`;
  }
  return null;
}

function portOf(url: URL): number {
  return url.port === '' ? (DEFAULT_PORTS[url.protocol] ?? 0) : Number(url.port);
}

function servesPort(entry: NameEntry | RangeEntry, port: number): boolean {
  return entry.port === null || entry.port === port;
}

function plainName(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.+$/, '');
}

function isLocalName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost');
}

function isForbiddenName(name: string): boolean {
  return METADATA_NAMES.has(name);
}

function isForbidden(address: Address): boolean {
  return formsOf(address).some((form) => form.range() === 'linkLocal' || METADATA_ADDRESSES.has(unzoned(form)));
}

function isPublic(address: Address): boolean {
  if (address instanceof IPv4) return address.range() === 'unicast';
  if (isWithin(address, LOCAL_NAT64)) return false;
  const carried = carriedIPv4(address);
  if (carried !== null) return isPublic(carried);
  return address.range() === 'unicast' && isWithin(address, GLOBAL_UNICAST);
}

function isWithin(address: Address, range: [Address, number]): boolean {
  return address.kind() === range[0].kind() && address.match(range);
}

/** The address as it is, and the IPv4 address that a translator or the kernel would make of it. */
function formsOf(address: Address): Address[] {
  const carried = address instanceof IPv6 ? carriedIPv4(address) : null;
  return carried === null ? [address] : [address, carried];
}

function carriedIPv4(address: IPv6): IPv4 | null {
  const carrier = CARRIERS_OF_IPV4.find(({ range }) => isWithin(address, range));
  if (carrier === undefined) return null;
  const start = carrier.group * 2;
  return new IPv4(address.toByteArray().slice(start, start + 4));
}

function unzoned(address: Address): string {
  return address.toString().replace(/%.*$/, '');
}

function parseAddress(text: string): Address | null {
  if (IPv4.isValidFourPartDecimal(text)) return IPv4.parse(text);
  return IPv6.isValid(text) ? IPv6.parse(text) : null;
}

function parseEntry(text: string): ParsedEntry {
  if (text.includes('://')) return { problem: 'is a URL: give only the host, or host:port' };
  if (/^[^/]+\/\d+$/.test(text)) return parseRange(text);
  const address = parseAddress(text);
  if (address !== null) return single(address, null);

  const { host = '', port: portText } = /^(?<host>\[[^\]]*\]|[^:]*)(?::(?<port>.*))?$/.exec(text)?.groups ?? {};
  const port = portText === undefined ? null : parsePort(portText);
  if (port === undefined) return { problem: `has a port that is not a number from 1 to ${HIGHEST_PORT}` };
  return parseHost(host, port);
}

function parseHost(host: string, port: number | null): ParsedEntry {
  if (!/^(?:\[[\da-f:.]+\]|[^\s/\\?#@%*:[\]]+)$/i.test(host) || !URL.canParse(`http://${host}`)) {
    return { problem: 'is not a host, host:port, address or CIDR' };
  }
  const name = plainName(new URL(`http://${host}`).hostname);
  const address = parseAddress(name);
  if (address === null) return { name, port };
  // 127.1 and 0x7f.1 reach 127.0.0.1; whoever lists such a form may not know that.
  if (address instanceof IPv4 && plainName(host) !== name) {
    return { problem: `is an address in a short form: write ${name}` };
  }
  return single(address, port);
}

function parseRange(text: string): ParsedEntry {
  if (IPv4.isValidCIDRFourPartDecimal(text)) return asRange(IPv4.parseCIDR(text));
  if (IPv6.isValidCIDR(text)) return asRange(IPv6.parseCIDR(text));
  return { problem: 'is not a CIDR such as 10.0.0.0/8 or fd00::/8' };
}

function asRange([network, prefixLength]: [Address, number]): RangeEntry {
  return { network, prefixLength, port: null };
}

function single(address: Address, port: number | null): RangeEntry {
  return { network: address, prefixLength: address instanceof IPv4 ? 32 : 128, port };
}

function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= HIGHEST_PORT ? port : undefined;
}
