import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { RelayHandler } from './relay-handler';

/**
 * One listener in front of the framework: what is under /v1 goes straight to the relay, all else to the framework.
 * Only the exact prefix counts, on the raw URL; every oddity ends in the framework's 404.
 */
export function relayDoor(relay: RelayHandler, framework: RequestListener): RequestListener {
  return (request: IncomingMessage, response: ServerResponse) => {
    if (isRelayUrl(request.url ?? '')) relay.handle(request, response);
    else framework(request, response);
  };
}

function isRelayUrl(url: string): boolean {
  if (!url.startsWith('/v1')) return false;
  const next = url.charAt('/v1'.length);
  return next === '/' || next === '' || next === '?';
}
