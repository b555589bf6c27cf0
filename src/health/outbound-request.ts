import { Agent as HttpAgent, type AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { AxiosRequestConfig } from 'axios';
import { guardedLookup } from '../channels/guarded-lookup';
import type { UpstreamAllow } from '../config/upstream-allow';

/**
 * What every request of our own has in common: it goes to this origin, at an address that may be used, and nowhere else.
 * Any status counts as an answer. Throws an error with the code `KEYMUX_ADDRESS_REFUSED` for an origin that UPSTREAM_ALLOW
 * does not allow; a name with no usable address fails with that code later.
 */
export function guardedRequest(upstream: URL, allow: UpstreamAllow): AxiosRequestConfig {
  const connection = { lookup: guardedLookup(upstream, allow) } as AgentOptions;
  return {
    httpAgent: new HttpAgent(connection),
    httpsAgent: new HttpsAgent(connection),
    // A redirect would carry secrets past the guard; so would a proxy of the environment.
    maxRedirects: 0,
    proxy: false,
    validateStatus: () => true,
  };
}
