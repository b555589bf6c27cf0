import { lookup as dnsLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { UpstreamAllow } from '../config/upstream-allow';

/** An upstream is none that this program may connect to. */
class AddressRefusedError extends Error {
  readonly code = 'KEYMUX_ADDRESS_REFUSED';
}

/**
 * A name lookup for connections to this upstream that fails on an address which may not be used: a name that was harmless
 * when the channel was saved can point elsewhere now. Throws an `AddressRefusedError` at once for what UPSTREAM_ALLOW, which
 * may have changed too, does not allow without a lookup: plain http and literal addresses.
 */
export function guardedLookup(upstream: URL, allow: UpstreamAllow): LookupFunction {
  refuseUnlessAllowed(upstream, allow);
  const port = Number(upstream.port) || (upstream.protocol === 'https:' ? 443 : 80);
  return (host, options, callback) => {
    dnsLookup(host, { ...options, all: true }, (error, addresses) => {
      const usable = error ? [] : addresses.filter(({ address }) => allow.allowsAddress(address, host, port));
      const [first] = usable;
      if (!first) callback(error ?? new AddressRefusedError(`${host} has no address that may be used`), '', 0);
      else if (options.all) callback(null, usable);
      else callback(null, first.address, first.family);
    });
  };
}

/** All that can be checked where a proxy looks the name up. Throws an `AddressRefusedError`. */
export function refuseUnlessAllowed(upstream: URL, allow: UpstreamAllow): void {
  const problem = allow.problemWith(upstream);
  if (problem !== null) throw new AddressRefusedError(problem);
}
