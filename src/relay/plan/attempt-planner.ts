import { Injectable } from '@nestjs/common';
import { ChannelDirectory } from '../../channels/channel-directory';
import { KeySelector } from '../../selector/key-selector';
import { RandomSource } from '../../selector/random-source';
import type { TokenGrant } from '../../tokens/token-directory';
import { AttemptPlan } from './attempt-plan';
import { mayUseChannel, mayUseModel } from '../models/model-list';
import type { RelayRequest } from '../exchange/relay-request';

/** Finds the channels that may serve a request. */
@Injectable()
export class AttemptPlanner {
  constructor(
    private readonly channels: ChannelDirectory,
    private readonly selector: KeySelector,
    private readonly random: RandomSource,
  ) {}

  /** Null when this token has no channel for the model of this request. */
  plan(request: RelayRequest, token: TokenGrant): AttemptPlan | null {
    if (!mayUseModel(token, request.model)) return null;
    const serving = this.channels.candidates(request.model);
    const candidates = token.channelIds ? serving.filter((channel) => mayUseChannel(token, channel)) : serving;
    return candidates.length === 0 ? null : new AttemptPlan(this.selector, this.random, request, candidates);
  }
}
