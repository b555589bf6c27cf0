import { Injectable } from '@nestjs/common';
import { REFUSALS, type Refusal } from '../answer/refusal';
import { endUnforeseen } from '../answer/unforeseen';
import { ContentReader } from '../body/content-reader';
import type { RequestContent } from '../body/request-content';
import { ObjectPlanner, type WantedObject } from '../plan/object-planner';
import { RequestPlanner } from '../plan/request-planner';
import { decodedParameter } from '../routes/decoded-parameter';
import { leadsElsewhere } from '../routes/leads-elsewhere';
import { Exchanges } from './exchanges';
import { type RequestOrigin, RelayRequest } from './relay-request';
import { wantedObject } from './wanted-object';

/** Relays requests to the channels that serve what they ask for. */
@Injectable()
export class UpstreamRelay {
  constructor(
    private readonly contents: ContentReader,
    private readonly planner: RequestPlanner,
    private readonly objects: ObjectPlanner,
    private readonly exchanges: Exchanges,
  ) {}

  relay(origin: RequestOrigin): void {
    const { modelIn = null } = origin.found.route;
    this.contents.read(origin.call, modelIn, (content) => this.start(origin, content));
  }

  private start(origin: RequestOrigin, content: RequestContent): Refusal | null {
    const models = modelsOf(origin, content);
    if (models.length === 0 && origin.found.route.kind === 'relay') return REFUSALS.modelMissing;
    if (models.some(leadsElsewhere)) return REFUSALS.modelIsPath;
    if (namesOther(origin, content)) return REFUSALS.otherModel;
    const relayed = new RelayRequest(origin, content, models);
    const plan = models.length === 0 ? null : this.planner.plan(relayed);
    if (plan && 'status' in plan) return plan;
    const wanted = wantedObject(relayed, origin.found.parameter);
    if (wanted) this.followObject(relayed, wanted);
    else if (plan) this.exchanges.start(relayed, plan);
    return null;
  }

  /** Whoever asks for an object waits until it is known where it is. */
  private followObject(relayed: RelayRequest, wanted: WantedObject): void {
    const { call } = relayed;
    this.objects
      .plan(relayed, wanted)
      .then((plan) => {
        if ('status' in plan) call.refuse(plan);
        else if (!call.isGone) this.exchanges.start(relayed, plan);
      })
      .catch((error: unknown) => {
        endUnforeseen(call, error);
      });
  }
}

/** A model in the path counts, whatever the body says. */
function modelsOf({ target, found }: RequestOrigin, { models }: RequestContent): readonly string[] {
  const { modelIn, defaultModel } = found.route;
  if (modelIn === 'path') return [decodedParameter(found.parameter)];
  if (target.deployment !== null) return [decodedParameter(target.deployment)];
  return models.length === 0 && defaultModel !== undefined ? [defaultModel] : models.filter((model) => model !== '');
}

/** Where the path alone names the model of a JSON body of Gemini's, the body may only repeat it. */
function namesOther({ found }: RequestOrigin, { models }: RequestContent): boolean {
  return found.route.modelIn === 'path' && models.some((model) => model !== decodedParameter(found.parameter));
}
