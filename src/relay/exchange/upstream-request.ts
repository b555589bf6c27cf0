import type { Dispatcher } from 'undici';
import type { ChannelRoute } from '../../channels/channel-route';
import { credentialHeaders, requiredHeaders } from '../../channels/providers';
import { upstreamPath } from '../../channels/upstream-path';
import { upstreamHeaders } from '../answer/relay-headers';
import { withUsage } from '../body/stream-options';
import { NO_CONTENT } from '../body/request-content';
import type { RelayRequest } from './relay-request';

/** Whom one attempt asks, and how. */
export interface UpstreamAddress {
  readonly channel: ChannelRoute;
  readonly secret: string;
  /** Have a stream end with the tokens it took, though the client did not ask for that. */
  readonly asksUsage: boolean;
}

const NONE = '';
const JSON_TYPE = /^application\/json *(?:; *charset="?utf-?8"? *)?$/i;

/** A client's request as the upstream of this channel gets it. */
export function upstreamRequest(relayed: RelayRequest, address: UpstreamAddress): Dispatcher.DispatchOptions {
  const { call, route, query } = relayed;
  const { channel, secret } = address;
  const model = relayed.modelFor(channel);
  const { body, length } = relayed.content.outgoing({
    modelFor: (named) => channel.modelMapping.map(named),
    // Not every upstream's path names it, so the body must not name another one.
    model: relayed.isModelInPath ? model : null,
    fields: changedFields(relayed, address),
  });
  const headers = upstreamHeaders(call.request.rawHeaders, call.request.headers.connection, {
    credentials: credentialHeaders(channel.type, secret),
    overrides: channel.headerOverride,
    defaults: requiredHeaders(channel.type),
    contentType: contentTypeOf(relayed),
  });
  if (length !== null) headers.push('content-length', String(length));
  return {
    method: route.method,
    path: upstreamPath(channel, { path: pathFor(relayed, model), query, model }),
    headers,
    body,
  };
}

function changedFields(
  { content }: RelayRequest,
  { channel, asksUsage }: UpstreamAddress,
): ChannelRoute['paramOverride'] {
  if (!asksUsage || !content.json) return channel.paramOverride;
  return new Map([...channel.paramOverride, ['stream_options', withUsage(content.json)]]);
}

/** Whatever else a client calls its JSON, an upstream might read another thing in it than we did. */
function contentTypeOf({ call, content }: RelayRequest): string | null {
  const given = call.request.headers['content-type'];
  if (content === NO_CONTENT) return NONE;
  if (content.json === null) return given ?? null;
  return given !== undefined && JSON_TYPE.test(given) ? given : 'application/json';
}

/** Where the path names the model, this channel's name for it. */
function pathFor({ route, path }: RelayRequest, model: string): string {
  if (route.modelIn !== 'path') return path;
  return route.path.replace('{model}', () => model.split('/').map(encodeURIComponent).join('/'));
}
