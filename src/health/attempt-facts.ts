import type { ChannelRoute } from '../channels/channel-route';
import type { UsedKey } from './seen-key';

/** One attempt of a relayed request, as far as key health needs to know it. */
export interface AttemptFacts {
  readonly channel: ChannelRoute;
  readonly key: UsedKey;
  /** The model as the upstream was asked for it. */
  readonly model: string;
  /** `Clock.nowMs()` when the request was sent. */
  readonly startedAtMs: number;
}

/** What an attempt did to its key, as long as it can be taken back. */
export interface Strike {
  /** The request, not the key, was to blame: the key serves again at once, and is probed quietly where that can tell. */
  refund(): void;
}
