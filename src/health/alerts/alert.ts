import { unixSeconds } from '../../common/unix-seconds';
import type { Verdict } from '../verdict/verdict';

/** What alerts tell; the names are public contract. */
export type AlertEvent =
  | 'channel.down'
  | 'channel.recovered'
  | 'pool.low'
  | 'pool.recovered'
  | 'keys.wave'
  | 'journal.failing'
  | 'journal.detail_dropped'
  | 'journal.recovered';

/** What the upstream said that led to an alert; never its words, which may quote a key. */
export type AlertReason = Pick<Verdict, 'kind' | 'code'>;

/** The keys of a channel at one moment. */
interface AlertCounts {
  readonly usable: number;
  readonly total: number;
  /** Keys that died in the wave; 0 outside one. */
  readonly died: number;
}

/** A turn for the worse or the better that an operator wants to know; of one channel, or where that is null of the whole process. */
export interface Alert {
  readonly event: AlertEvent;
  readonly channelId: number | null;
  readonly channelName: string | null;
  /** Null where nothing the upstream said explains the event. */
  readonly reason: AlertReason | null;
  /** Null where it is not about keys. */
  readonly counts: AlertCounts | null;
  readonly at: Date;
}

/** An alert as its receiver gets it, described in docs/alerts.md. */
export interface AlertBody {
  /** The same in every try to deliver it. */
  readonly id: string;
  readonly event: AlertEvent;
  /** Unix seconds. */
  readonly created_at: number;
  readonly channel_id: number | null;
  readonly channel_name: string | null;
  readonly reason: AlertReason | null;
  readonly counts: AlertCounts | null;
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
    counts: counts && { usable: counts.usable, total: counts.total, died: counts.died },
  };
}
