import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { newRequestId, REQUEST_ID_HEADER } from '../common/request-id';
import type { TokenGrant } from '../tokens/token-directory';
import { ModelList } from './models/model-list';
import { refuse, REFUSALS, type Refusal, unknownModel, unknownPath, wrongMethod } from './answer/refusal';
import { RelayAuthenticator } from './access/relay-authenticator';
import type { ClientConnection } from './exchange/relay-exchange';
import type { RequestOrigin } from './exchange/relay-request';
import { type FoundRoute, findRoute, type RelayRoute } from './routes/relay-routes';
import { endUnforeseen } from './answer/unforeseen';
import { UpstreamRelay } from './exchange/upstream-relay';

/** Answers every request under /v1; it speaks node:http and is called by the door in front of the framework. */
@Injectable()
export class RelayHandler {
  constructor(
    private readonly authenticator: RelayAuthenticator,
    private readonly models: ModelList,
    private readonly relay: UpstreamRelay,
  ) {}

  handle(request: IncomingMessage, response: ServerResponse): void {
    const requestId = newRequestId();
    try {
      this.answer({ request, response }, requestId);
    } catch (error) {
      endUnforeseen(response, requestId, error);
    }
  }

  private answer(client: ClientConnection, requestId: string): void {
    const { request, response } = client;
    const { path, query } = splitUrl(request.url ?? '/');
    const token = this.authenticator.authenticate(request.rawHeaders);
    if ('status' in token) {
      refuse(response, requestId, token);
      return;
    }
    const found = findRoute(path);
    if (!found) {
      refuse(response, requestId, unknownPath(request.method ?? '', path));
      return;
    }
    const refusal = problemOf(found.route, request.method ?? '', query);
    if (refusal) refuse(response, requestId, refusal);
    else this.serve(found, client, { requestId, startedAtMs: Date.now(), token, path, query });
  }

  private serve({ route, parameter }: FoundRoute, client: ClientConnection, origin: RequestOrigin): void {
    const { requestId, token } = origin;
    switch (route.kind) {
      case 'relay':
        this.relay.relay(client, origin);
        return;
      case 'list-models':
        sendJson(client.response, requestId, { object: 'list', data: this.models.list(token) });
        return;
      case 'get-model':
        this.sendModel(client.response, requestId, token, decode(parameter));
        return;
    }
  }

  private sendModel(response: ServerResponse, requestId: string, token: TokenGrant, id: string): void {
    const model = this.models.list(token).find((listed) => listed.id === id);
    if (model) sendJson(response, requestId, model);
    else refuse(response, requestId, unknownModel(id));
  }
}

function problemOf(route: RelayRoute, method: string, query: string): Refusal | null {
  if (route.method !== method) return wrongMethod(method, route.path, route.method);
  return query !== '' && new URLSearchParams(query).has('key') ? REFUSALS.tokenInQuery : null;
}

function splitUrl(url: string): { path: string; query: string } {
  const mark = url.indexOf('?');
  return mark === -1 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function sendJson(response: ServerResponse, requestId: string, value: object): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(200, [
    REQUEST_ID_HEADER,
    requestId,
    'content-type',
    'application/json',
    'content-length',
    String(body.length),
  ]);
  response.end(body);
}
