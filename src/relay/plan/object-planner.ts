import { Injectable } from '@nestjs/common';
import { ChannelDirectory } from '../../channels/channel-directory';
import type { ObjectOwner } from '../../objects/object-owner';
import { ObjectOwners } from '../../objects/object-owners';
import { KeySelector } from '../../selector/key-selector';
import { servesModel } from '../../channels/model-index';
import { REFUSALS, type Refusal, unknownModel } from '../answer/refusal';
import type { RelayRequest } from '../exchange/relay-request';
import { mayUseChannel } from '../models/model-list';
import { PinnedPlan } from './pinned-plan';
import type { RelayPlan } from './relay-plan';

/** Which object a request is about, and what its client hears when there is none. */
export interface WantedObject {
  readonly id: string;
  readonly missing: Refusal;
}

/** Sends a request about an object to the key that created it, for the token that had it created. */
@Injectable()
export class ObjectPlanner {
  constructor(
    private readonly owners: ObjectOwners,
    private readonly channels: ChannelDirectory,
    private readonly selector: KeySelector,
  ) {}

  /** Never rejects. */
  async plan(request: RelayRequest, { id, missing }: WantedObject): Promise<RelayPlan | Refusal> {
    if (id === '') return missing;
    try {
      const owner = await this.owners.find(request.route.dialect, id);
      return owner?.tokenId === request.token.id ? this.planFor(request, owner, missing) : missing;
    } catch {
      return REFUSALS.objectsAway;
    }
  }

  private planFor(request: RelayRequest, { channelId, keyId }: ObjectOwner, missing: Refusal): RelayPlan | Refusal {
    const channel = this.channels.find(channelId);
    if (!channel || !mayUseChannel(request.token, channel) || channel.dialect !== request.route.dialect) return missing;
    const unserved = request.models.find((named) => !servesModel(channel, named));
    if (unserved !== undefined) return unknownModel(unserved);
    const model = request.modelFor(channel);
    return new PinnedPlan(channel, this.selector.leaseKey(channel, keyId, model === '' ? null : model, []), model);
  }
}
