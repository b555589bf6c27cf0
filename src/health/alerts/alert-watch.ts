import type { Alert, AlertEvent, AlertReason } from './alert';

/** How a channel stands at one moment. */
export interface ChannelObservation {
  readonly channelId: number;
  readonly channelName: string;
  readonly isBreakerOpen: boolean;
  /** What last put the channel or its keys out; null when nothing is known. */
  readonly reason: AlertReason | null;
  /** Keys that can serve a request now. */
  readonly usable: number;
  /** Keys the channel has, whatever their state. */
  readonly total: number;
  /** Keys that died in a wave which still goes on; 0 or left out when there is none. */
  readonly diedInWave?: number;
}

/** What the receiver of alerts believes about a channel. */
interface Reported {
  isDown: boolean;
  isLow: boolean;
  isInWave: boolean;
}

// A pool that hovers around the share would otherwise be told low and recovered by turns.
const RECOVERY_MARGIN_PERCENT = 5;

/**
 * Decides which alerts a new look at a channel is worth: each once when it turns that way, and again only after it has turned
 * back. A channel counts as well until it is seen otherwise, so nothing recovers at the first look after a start.
 */
export class AlertWatch {
  private readonly reported = new Map<number, Reported>();

  /** A pool is low while less than `poolSharePercent` of its keys are usable. */
  constructor(private readonly poolSharePercent: number) {}

  /** The alerts to send now; none for a channel without keys, which says nothing about its upstream. */
  observe(seen: ChannelObservation, at: Date): Alert[] {
    if (seen.total === 0) return [];
    const before = this.reported.get(seen.channelId) ?? { isDown: false, isLow: false, isInWave: false };
    const now: Reported = {
      isDown: seen.isBreakerOpen || seen.usable === 0,
      isLow: this.isLow(seen, before.isLow),
      isInWave: (seen.diedInWave ?? 0) > 0,
    };
    this.reported.set(seen.channelId, now);
    return turns(before, now).map((event) => alertOf(event, seen, at));
  }

  /** To be called when a channel is deleted: what was said about it is over. */
  forget(channelId: number): void {
    this.reported.delete(channelId);
  }

  private isLow({ usable, total }: ChannelObservation, wasLow: boolean): boolean {
    const percent = (usable / total) * 100;
    if (!wasLow) return percent < this.poolSharePercent;
    return usable < total && percent <= this.poolSharePercent + RECOVERY_MARGIN_PERCENT;
  }
}

function turns(before: Reported, now: Reported): AlertEvent[] {
  const events: AlertEvent[] = [];
  if (now.isInWave && !before.isInWave) events.push('keys.wave');
  if (now.isLow !== before.isLow) events.push(now.isLow ? 'pool.low' : 'pool.recovered');
  if (now.isDown !== before.isDown) events.push(now.isDown ? 'channel.down' : 'channel.recovered');
  return events;
}

function alertOf(event: AlertEvent, seen: ChannelObservation, at: Date): Alert {
  const { channelId, channelName, usable, total, diedInWave = 0 } = seen;
  const isGoodNews = event === 'channel.recovered' || event === 'pool.recovered';
  const counts = { usable, total, died: diedInWave };
  return { event, channelId, channelName, reason: isGoodNews ? null : seen.reason, counts, at };
}
