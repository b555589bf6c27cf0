import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { RelayHandler } from './relay-handler';
import { relayTarget } from './routes/relay-target';

/**
 * One listener in front of the framework: what is meant for the relay goes straight to it, all else to the framework. Only the
 * spellings that the relay knows count, on the raw URL; every other oddity ends in the framework's 404.
 */
export function relayDoor(relay: RelayHandler, framework: RequestListener): RequestListener {
  return (request: IncomingMessage, response: ServerResponse) => {
    const target = relayTarget(request.url ?? '');
    if (target) relay.handle(request, response, target);
    else framework(request, response);
  };
}
