import { Injectable } from '@nestjs/common';
import { ChannelDirectory } from '../../channels/channel-directory';
import type { ChannelRoute } from '../../channels/channel-route';
import { type Dialect, DIALECTS } from '../../channels/dialect';
import { servesModel } from '../../channels/model-index';
import { KeySelector } from '../../selector/key-selector';
import { RandomSource } from '../../selector/random-source';
import type { TokenGrant } from '../../tokens/token-directory';
import { type Refusal, servedElsewhere, unknownModel } from '../answer/refusal';
import type { RelayRequest } from '../exchange/relay-request';
import { sessionKey } from '../body/session-key';
import { mayUseChannel, mayUseModel } from '../models/model-list';
import { leadsElsewhere } from '../routes/leads-elsewhere';
import { AttemptPlan } from './attempt-plan';
import type { RelayPlan } from './relay-plan';
import { RequestSession } from './request-session';
import { SessionAffinity } from './session-affinity';

/** Finds the channels that may serve a request for a model. */
@Injectable()
export class RequestPlanner {
  constructor(
    private readonly channels: ChannelDirectory,
    private readonly selector: KeySelector,
    private readonly random: RandomSource,
    private readonly affinity: SessionAffinity,
  ) {}

  /** Or why there is none: this token has no channel for what the request asks for. */
  plan(request: RelayRequest): RelayPlan | Refusal {
    const { model, models, token, route } = request;
    const barred = models.find((named) => !mayUseModel(token, named));
    if (barred !== undefined) return unknownModel(barred);
    const candidates = this.candidates(request);
    if (candidates.length > 0) {
      request.session = this.sessionOf(request, candidates);
      return new AttemptPlan(this.selector, this.random, request, candidates);
    }
    const unserved = models.find((named) => !this.serves(token, named, route.dialect)) ?? model;
    const others = DIALECTS.filter((dialect) => dialect !== route.dialect && this.serves(token, unserved, dialect));
    return others.length > 0 ? servedElsewhere(unserved, others) : unknownModel(unserved);
  }

  private serves(token: TokenGrant, model: string, dialect: Dialect): boolean {
    return this.channels.candidates(model, dialect).some((channel) => mayUseChannel(token, channel));
  }

  private sessionOf(
    { call, content, token }: RelayRequest,
    candidates: readonly ChannelRoute[],
  ): RequestSession | null {
    if (!candidates.some((channel) => channel.affinity)) return null;
    const key = sessionKey(call.request.rawHeaders, content.json);
    return key === null ? null : new RequestSession(this.affinity, token.id, key);
  }

  private candidates(request: RelayRequest): readonly ChannelRoute[] {
    const { model, models, token, route } = request;
    const serving = this.channels.candidates(model, route.dialect);
    if (models.length === 1 && !token.channelIds && !serving.some(hasWildcards)) return serving;
    return serving.filter(
      (channel) =>
        mayUseChannel(token, channel) &&
        models.every((named) => servesModel(channel, named)) &&
        !leadsElsewhere(request.modelFor(channel)),
    );
  }
}

/** Their names for a model hold what the client wrote. */
function hasWildcards({ modelMapping }: ChannelRoute): boolean {
  return modelMapping.hasWildcards;
}
