import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config';
import { ShutdownError } from '../../common/shutdown.error';
import { RequestJournal } from '../../usage/request-journal';
import type { EndReason } from '../../usage/request-record';
import { storableText } from '../../usage/storable';
import type { RelayPlan } from '../plan/relay-plan';
import { AnswerLessons } from './answer-lessons';
import { ExchangeServices } from './exchange-services';
import type { ExchangeOutcome, ExchangeSetup } from './exchange-setup';
import { recordedUsage } from './recorded-usage';
import { RelayExchange } from './relay-exchange';
import type { RelayRequest } from './relay-request';

/** As nginx logs it. */
const CLIENT_CLOSED_REQUEST = 499;

/** Starts exchanges, and sees to it that each that reached an upstream leaves its record. */
@Injectable()
export class Exchanges {
  private readonly setup: ExchangeSetup;

  constructor(
    private readonly journal: RequestJournal,
    services: ExchangeServices,
    lessons: AnswerLessons,
    config: AppConfig,
  ) {
    const { relayIdleTimeoutMs: idleMs, relayKeepAliveMs: keepAliveMs } = config;
    this.setup = {
      services,
      lessons,
      clock: services.ledgers.clock,
      exposesRoute: config.exposeRouteHeaders,
      totalTimeoutMs: config.relayTotalTimeoutMs,
      limits: { idleMs, keepAliveMs, stallMs: idleMs },
      onOver: (outcome) => {
        this.record(outcome);
      },
    };
  }

  start(relayed: RelayRequest, plan: RelayPlan): void {
    new RelayExchange(this.setup, relayed, plan).start();
  }

  private record(outcome: ExchangeOutcome): void {
    const { request, answer, modelSent, attempts } = outcome;
    if (attempts.length === 0) return;
    const { call, token, path, model, isStream } = request;
    const { requestId, startedAtMs } = call;
    const firstByteAtMs = answer?.firstByteAtMs ?? null;
    const cost = recordedUsage(outcome);
    this.journal.record({
      requestId,
      startedAtMs,
      durationMs: passedMs(startedAtMs, this.setup.clock.wallMs()),
      ttftMs: firstByteAtMs === null ? null : passedMs(startedAtMs, firstByteAtMs),
      tokenId: token.id,
      path: storableText(path),
      modelAsked: storableText(model),
      modelSent: modelSent === '' ? null : storableText(modelSent),
      isStream,
      status: statusOf(outcome),
      endReason: endReasonOf(outcome),
      ...cost,
      attempts,
    });
    call.reservation?.settle(cost.usage);
  }
}

/** Somebody may have set the clock back meanwhile. */
function passedMs(fromMs: number, toMs: number): number {
  return Math.max(0, toMs - fromMs);
}

/** A client that left before there was an answer has had none. */
function statusOf({ status, answer, endReason }: ExchangeOutcome): number {
  return endReason === 'client_gone' && answer === null ? CLIENT_CLOSED_REQUEST : status;
}

/** A client that we cut off at our stop has not gone of its own accord. */
function endReasonOf({ endReason, request }: ExchangeOutcome): EndReason {
  const { errored } = request.call.request.socket;
  return endReason === 'client_gone' && errored instanceof ShutdownError ? 'shutdown' : endReason;
}
