import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { Dialect } from '../channels/dialect';
import type { TokenGrant } from '../tokens/token-directory';
import { TOKEN_PREFIX } from '../tokens/token-format';
import { Admissions } from './access/admissions';
import { answerPreflight } from './access/cors';
import { RelayAuthenticator } from './access/relay-authenticator';
import { REFUSALS, type Refusal, unknownPath, wrongMethod } from './answer/refusal';
import { endUnforeseen } from './answer/unforeseen';
import { UpstreamRelay } from './exchange/upstream-relay';
import { ModelAnswers } from './models/model-answers';
import { RelayCall } from './relay-call';
import { findRoute, type FoundRoute } from './routes/find-route';
import type { RelayTarget } from './routes/relay-target';

/** Answers every request that is meant for the relay; it speaks node:http and is called by the door in front of the framework. */
@Injectable()
export class RelayHandler {
  constructor(
    private readonly authenticator: RelayAuthenticator,
    private readonly admissions: Admissions,
    private readonly models: ModelAnswers,
    private readonly relay: UpstreamRelay,
  ) {}

  handle(request: IncomingMessage, response: ServerResponse, target: RelayTarget): void {
    if (request.method === 'OPTIONS') {
      answerPreflight(request, response);
      return;
    }
    const call = new RelayCall(request, response);
    try {
      this.answer(call, target);
    } catch (error) {
      endUnforeseen(call, error);
    }
  }

  private answer(call: RelayCall, target: RelayTarget): void {
    const found = routeOf(call.request.method ?? '', target);
    call.dialect = dialectOf(call.request, target, found);
    const token = this.authenticator.authenticate(call.request.rawHeaders);
    if (hasTokenInQuery(target)) call.refuse(REFUSALS.tokenInQuery);
    else if ('status' in token) call.refuse(token);
    else if ('status' in found) call.refuse(found);
    else this.serve(call, target, found, token);
  }

  private serve(call: RelayCall, target: RelayTarget, found: FoundRoute, token: TokenGrant): void {
    switch (found.route.kind) {
      case 'relay':
      case 'object':
        if (this.admissions.admit(call, token)) this.relay.relay({ call, target, found, token });
        return;
      case 'list-models':
        this.models.sendList(call, token);
        return;
      case 'get-model':
        this.models.sendOne(call, token, found.parameter);
        return;
      case 'about':
        call.sendJson({ object: 'gateway', name: 'keymux', documentation: '/docs', models: '/v1/models' });
        return;
    }
  }
}

function routeOf(method: string, { path, deployment }: RelayTarget): FoundRoute | Refusal {
  const found = findRoute(method, path);
  if (found === null || (deployment !== null && !isOfDeployments(found))) return unknownPath(method, path);
  return 'route' in found ? found : wrongMethod(method, path, found);
}

/** Where the path names the model, nothing else may name others. */
function isOfDeployments(found: FoundRoute | readonly string[]): boolean {
  if (!('route' in found)) return false;
  const { dialect, modelIn } = found.route;
  return dialect === 'openai' && (modelIn === 'body' || modelIn === 'form');
}

/** Both APIs have their models at the same path: this header is what tells their clients apart. */
function dialectOf({ headers }: IncomingMessage, { path }: RelayTarget, found: FoundRoute | Refusal): Dialect {
  if (!('route' in found)) return dialectAt(path);
  const { kind, dialect } = found.route;
  const isOfModels = kind === 'list-models' || kind === 'get-model';
  return isOfModels && dialect === 'openai' && headers['anthropic-version'] !== undefined ? 'anthropic' : dialect;
}

function dialectAt(path: string): Dialect {
  if (path.startsWith('/v1/messages')) return 'anthropic';
  return path.startsWith('/v1beta') ? 'gemini' : 'openai';
}

function hasTokenInQuery({ query }: RelayTarget): boolean {
  return query !== '' && (query.includes(TOKEN_PREFIX) || new URLSearchParams(query).has('key'));
}
