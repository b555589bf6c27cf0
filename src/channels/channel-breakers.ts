/** Whether a channel's upstream is in trouble, as the channel's answer shows it. */
export interface BreakerView {
  readonly state: 'closed' | 'open' | 'half-open';
  /** The verdict that it is open for; null while closed. */
  readonly reason: string | null;
  readonly code: string | null;
  /** Unix seconds since when; null while closed. */
  readonly since: number | null;
  /** Unix seconds of the next trial; null while closed, and while a trial is under way. */
  readonly retry_at: number | null;
}

/** What the channels' own calls need of key health; the health feature provides it, and app.module binds the two. */
export abstract class ChannelBreakers {
  abstract view(channelId: number): BreakerView;
}
