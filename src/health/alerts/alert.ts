import { unixSeconds } from '../../common/unix-seconds';
import type { Verdict } from '../verdict/verdict';

/** What alerts tell; the names are public contract. */
export type AlertEvent = 'channel.down' | 'channel.recovered' | 'pool.low' | 'pool.recovered' | 'keys.wave';

/** What the upstream said that led to an alert; never its words, which may quote a key. */
export type AlertReason = Pick<Verdict, 'kind' | 'code'>;

/** The keys of a channel at one moment. */
interface AlertCounts {
  readonly usable: number;
  readonly total: number;
  /** Keys that died in the wave; 0 outside one. */
  readonly died: number;
}

/** A turn for the worse or the better of one channel that its operator wants to know. */
export interface Alert {
  readonly event: AlertEvent;
  readonly channelId: number;
  readonly channelName: string;
  /** Null where nothing the upstream said explains the event. */
  readonly reason: AlertReason | null;
  readonly counts: AlertCounts;
  readonly at: Date;
}

/** An alert as its receiver gets it, described in docs/alerts.md. */
export interface AlertBody {
  /** The same in every try to deliver it. */
  readonly id: string;
  readonly event: AlertEvent;
  /** Unix seconds. */
  readonly created_at: number;
  readonly channel_id: number;
  readonly channel_name: string;
  readonly reason: AlertReason | null;
  readonly counts: AlertCounts;
}

/** The body for an alert; copies field by field, so nothing else that the objects may carry is sent. */
export function alertBody({ event, channelId, channelName, reason, counts, at }: Alert, id: string): AlertBody {
  return {
    id,
    event,
    created_at: unixSeconds(at),
    channel_id: channelId,
    channel_name: channelName,
    reason: reason && { kind: reason.kind, code: reason.code },
    counts: { usable: counts.usable, total: counts.total, died: counts.died },
  };
}
