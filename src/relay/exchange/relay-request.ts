import type { ChannelRoute } from '../../channels/channel-route';
import type { TokenGrant } from '../../tokens/token-directory';
import type { ScannedBody } from '../body/body-scan';
import { replaceModel } from '../body/model-splice';

/** Where and when a request came in, and by whose token. */
export interface RequestOrigin {
  readonly requestId: string;
  readonly startedAtMs: number;
  readonly token: TokenGrant;
  /** The path as our routes table has it. */
  readonly path: string;
  /** From the question mark on; empty when there is none. */
  readonly query: string;
}

/** A request that may go upstream: authenticated, its body read and understood. */
export class RelayRequest {
  readonly requestId: string;
  readonly startedAtMs: number;
  readonly tokenId: number;
  readonly path: string;
  readonly query: string;
  readonly model: string;
  readonly isStream: boolean;

  constructor(
    origin: RequestOrigin,
    private readonly body: Buffer,
    private readonly scanned: ScannedBody & { readonly model: string },
  ) {
    this.requestId = origin.requestId;
    this.startedAtMs = origin.startedAtMs;
    this.tokenId = origin.token.id;
    this.path = origin.path;
    this.query = origin.query;
    this.model = scanned.model;
    this.isStream = scanned.stream;
  }

  /** The model as this channel's upstream is asked for it. */
  modelFor(channel: ChannelRoute): string {
    return channel.modelMapping.get(this.model) ?? this.model;
  }

  /** The body as it came, unless the channel calls the model by another name. */
  bodyFor(channel: ChannelRoute): Buffer {
    const model = this.modelFor(channel);
    return model === this.model ? this.body : replaceModel(this.body, this.scanned, model);
  }
}
