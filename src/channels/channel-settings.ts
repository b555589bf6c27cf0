import type { HealthSettings } from './health-settings';

/** What a channel settles for itself: about the health of its keys, and about the requests that it is sent. */
export interface ChannelSettings extends HealthSettings {
  /** Whether requests of one session prefer one key, as long as it is usable; left out, they do not. */
  readonly affinity?: boolean;
  /** Whether streams are asked for their usage of tokens; left out, only when the caller asks. */
  readonly stream_usage?: boolean;
  /** Sent to Azure by callers who name none. */
  readonly api_version?: string;
}
