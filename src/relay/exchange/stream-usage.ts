import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { ChannelRoute } from '../../channels/channel-route';
import { usageAsked } from '../body/stream-options';
import type { RelayRequest } from './relay-request';
import type { RefusedAnswer } from '../answer/refused-answer';

const MOST_REMEMBERED = 10_000;
// An upstream may learn it.
const REMEMBERED_MS = 24 * 3_600_000;
const OPTION = 'stream_options';

/** Knows of which streams to ask how many tokens they took, where the client did not ask and the channel wants to know. */
@Injectable()
export class StreamUsage {
  /** Channels whose upstream takes no such question. */
  private readonly refusers = new LRUCache<string, true>({ max: MOST_REMEMBERED, ttl: REMEMBERED_MS });

  isToBeAsked({ route, isStream, content: { json } }: RelayRequest, channel: ChannelRoute): boolean {
    if (!channel.streamUsage || !route.hasStreamOptions || !isStream || !json) return false;
    if (this.refusers.has(nameOf(channel)) || channel.paramOverride.has(OPTION)) return false;
    return usageAsked(json) === 'absent';
  }

  /** Whether an answer may be about our question; a caller's own words can look so, too. */
  seemsRefused({ evidence }: RefusedAnswer): boolean {
    return (evidence.status === 400 || evidence.status === 422) && evidence.body.includes(OPTION);
  }

  /** The upstream served without the question what it had refused with it. */
  remember(channel: ChannelRoute): void {
    this.refusers.set(nameOf(channel), true);
  }
}

function nameOf({ id, origin }: ChannelRoute): string {
  return `${id} ${origin}`;
}
