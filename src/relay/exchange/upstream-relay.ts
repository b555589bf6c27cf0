import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config';
import { RequestJournal } from '../../usage/request-journal';
import { AttemptPlanner } from '../plan/attempt-planner';
import { type BodyFault, type ScannedBody, scanBody } from '../body/body-scan';
import { ExchangeServices } from './exchange-services';
import { bodyTooLarge, refuse, REFUSALS, type Refusal, unknownModel, writeRefusal } from '../answer/refusal';
import { type ClientConnection, type ExchangeOutcome, type ExchangeSetup, RelayExchange } from './relay-exchange';
import { type RequestOrigin, RelayRequest } from './relay-request';
import { type BodyOutcome, discardBody, readBody } from '../body/request-body';
import { endUnforeseen } from '../answer/unforeseen';

const BODY_REFUSALS: Readonly<Record<BodyFault, Refusal>> = {
  'not-json': REFUSALS.notJson,
  'not-an-object': REFUSALS.notAnObject,
  'too-deep': REFUSALS.tooDeep,
  'duplicate-field': REFUSALS.duplicateField,
  'model-not-a-string': REFUSALS.modelNotAString,
  'stream-not-a-boolean': REFUSALS.streamNotABoolean,
};

/** Relays requests to the channel that their body's `model` leads to. */
@Injectable()
export class UpstreamRelay {
  private readonly setup: ExchangeSetup;

  constructor(
    private readonly planner: AttemptPlanner,
    private readonly journal: RequestJournal,
    private readonly config: AppConfig,
    services: ExchangeServices,
  ) {
    this.setup = {
      services,
      exposesRoute: config.exposeRouteHeaders,
      onOver: (outcome) => {
        this.record(outcome);
      },
    };
  }

  relay(client: ClientConnection, origin: RequestOrigin): void {
    const { request, response } = client;
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
      refuse(response, origin.requestId, REFUSALS.encodedBody);
      return;
    }
    readBody(request, this.config.relayBodyLimitBytes, (body) => {
      try {
        this.onBody(client, origin, body);
      } catch (error) {
        endUnforeseen(response, origin.requestId, error);
      }
    });
  }

  private onBody(client: ClientConnection, origin: RequestOrigin, body: BodyOutcome): void {
    if (body === 'gone') return;
    if (body === 'too-large') {
      this.refuseTooLarge(client, origin.requestId);
      return;
    }
    const refusal = this.start(client, origin, body);
    if (refusal) refuse(client.response, origin.requestId, refusal);
  }

  private refuseTooLarge({ request, response }: ClientConnection, requestId: string): void {
    response.shouldKeepAlive = false;
    writeRefusal(response, requestId, bodyTooLarge(this.config.relayBodyLimitBytes));
    discardBody(request, () => {
      response.end();
    });
  }

  private start(client: ClientConnection, origin: RequestOrigin, body: Buffer): Refusal | null {
    const scanned = scanBody(body);
    if (typeof scanned === 'string') return BODY_REFUSALS[scanned];
    if (!namesModel(scanned)) return REFUSALS.modelMissing;
    const relayed = new RelayRequest(origin, body, scanned);
    const plan = this.planner.plan(relayed, origin.token);
    if (!plan) return unknownModel(scanned.model);
    new RelayExchange(this.setup, relayed, plan, client).start();
    return null;
  }

  private record({ request, status, endReason, attempts }: ExchangeOutcome): void {
    if (attempts.length === 0) return;
    const { requestId, startedAtMs, tokenId, path, model, isStream } = request;
    const durationMs = Date.now() - startedAtMs;
    this.journal.record({
      requestId,
      startedAtMs,
      durationMs,
      tokenId,
      path,
      model,
      isStream,
      status,
      endReason,
      attempts,
    });
  }
}

function namesModel(scanned: ScannedBody): scanned is ScannedBody & { readonly model: string } {
  return scanned.model !== null && scanned.model !== '';
}
