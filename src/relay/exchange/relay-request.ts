import type { ChannelRoute } from '../../channels/channel-route';
import type { TokenGrant } from '../../tokens/token-directory';
import type { RequestContent } from '../body/request-content';
import type { PlannedRequest } from '../plan/attempt-plan';
import type { RequestSession } from '../plan/request-session';
import type { RelayCall } from '../relay-call';
import type { FoundRoute } from '../routes/find-route';
import type { RelayTarget } from '../routes/relay-target';
import type { RelayRoute } from '../routes/relay-routes';

const MOST_ATTEMPTS = 3;
const MOST_ON_RETRY = 2;

/** What was asked, where, and by whose token. */
export interface RequestOrigin {
  readonly call: RelayCall;
  readonly target: RelayTarget;
  readonly found: FoundRoute;
  readonly token: TokenGrant;
}

/** A request that may go upstream: authenticated, what it carries understood. */
export class RelayRequest implements PlannedRequest {
  readonly call: RelayCall;
  readonly route: RelayRoute;
  readonly token: TokenGrant;
  /** As the routes table spells it. */
  readonly path: string;
  readonly query: string;
  /** The first model that it asks for; empty for one that asks for none. */
  readonly model: string;
  readonly models: readonly string[];
  /** Its model stands in the path, and what the body says of it does not count. */
  readonly isModelInPath: boolean;
  /** Of the object in its path; null when there is none. */
  readonly objectId: string | null;
  /** Whose cache a key may have; null where no channel cares. */
  session: RequestSession | null = null;

  constructor(
    { call, target, found, token }: RequestOrigin,
    readonly content: RequestContent,
    models: readonly string[],
  ) {
    this.call = call;
    this.route = found.route;
    this.token = token;
    this.path = target.path;
    this.query = target.query;
    this.models = models;
    this.model = models[0] ?? '';
    this.isModelInPath = target.deployment !== null;
    this.objectId = found.route.kind === 'object' ? found.parameter : null;
  }

  /** Of a form that still comes in, as far as it is known. */
  get isStream(): boolean {
    const { streams } = this.route;
    return streams === 'always' || (streams === 'on-request' && this.content.isStream);
  }

  /** Fewer where the client itself comes again: its retries and ours multiply. */
  get mostAttempts(): number {
    return Number(this.call.request.headers['x-stainless-retry-count'] ?? 0) > 0 ? MOST_ON_RETRY : MOST_ATTEMPTS;
  }

  preferredKeyIn(channel: ChannelRoute): number | null {
    return this.session && channel.affinity && channel.isMultiKey ? this.session.keyIn(channel) : null;
  }

  /** The model as this channel's upstream is asked for it. */
  modelFor(channel: ChannelRoute): string {
    return this.model === '' ? '' : channel.modelMapping.map(this.model);
  }
}
