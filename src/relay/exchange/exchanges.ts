import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config';
import { RequestJournal } from '../../usage/request-journal';
import type { RelayPlan } from '../plan/relay-plan';
import { AnswerLessons } from './answer-lessons';
import { ExchangeServices } from './exchange-services';
import type { ExchangeOutcome, ExchangeSetup } from './exchange-setup';
import { RelayExchange } from './relay-exchange';
import type { RelayRequest } from './relay-request';

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

  private record({ request, status, endReason, usage, attempts }: ExchangeOutcome): void {
    if (attempts.length === 0) return;
    const { call, token, path, model, isStream } = request;
    this.journal.record({
      requestId: call.requestId,
      startedAtMs: call.startedAtMs,
      durationMs: Date.now() - call.startedAtMs,
      tokenId: token.id,
      path,
      model,
      isStream,
      status,
      endReason,
      usage,
      attempts,
    });
  }
}
