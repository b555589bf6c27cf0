import { inspect } from 'node:util';
import { IsOptional, Matches, Max, Min } from 'class-validator';
import { Env } from './env.decorator';
import { RelayConfig } from './relay-config';
import { duration, flag, integer } from './setting';

const HOUR_MS = 3_600_000;
const MONTH_MS = 32 * 24 * HOUR_MS;

/** Everything the environment decides, validated and frozen; nothing else in the program reads the environment. */
export class AppConfig extends RelayConfig {
  @Env({
    env: 'KEY_AUTO_DISABLE',
    read: flag,
    fallback: 'true',
    about: 'Whether what upstreams answer may take keys out. A channel can settle it for itself, as all that follows.',
  })
  readonly keyAutoDisable!: boolean;

  @Env({ env: 'KEY_AUTO_PROBE', read: flag, fallback: 'true', about: 'Whether keys that are out are probed.' })
  readonly keyAutoProbe!: boolean;

  @Env({
    env: 'KEY_COOL_DEFAULT_MS',
    read: integer,
    fallback: '5000',
    about: 'How long a rate limited key rests when the upstream does not say; doubles each time, up to 5 minutes.',
  })
  @Min(100)
  @Max(300_000)
  readonly keyCoolDefaultMs!: number;

  @Env({
    env: 'KEY_PROBE_SUSPECT_MS',
    read: integer,
    fallback: '5000',
    about:
      'Shortest time until a key under suspicion is probed; the longest is three times that, and both double for a key that comes under suspicion again.',
  })
  @Min(10)
  @Max(HOUR_MS)
  readonly keyProbeSuspectMs!: number;

  @Env({
    env: 'KEY_PROBE_EXHAUSTED_MS',
    read: integer,
    fallback: '3600000',
    about: 'When an exhausted key is probed if the upstream does not say when its quota returns; doubles up to a day.',
  })
  @Min(10)
  @Max(MONTH_MS)
  readonly keyProbeExhaustedMs!: number;

  @Env({
    env: 'KEY_PROBE_DEAD_MS',
    read: integer,
    fallback: '3600000',
    about: 'When a dead key is probed again; doubles up to a day.',
  })
  @Min(10)
  @Max(MONTH_MS)
  readonly keyProbeDeadMs!: number;

  @Env({ env: 'KEY_PROBES_PER_SECOND', read: integer, fallback: '5', about: 'Most probes a second and channel.' })
  @Min(1)
  @Max(100)
  readonly keyProbesPerSecond!: number;

  @Env({ env: 'KEY_PROBE_TIMEOUT', read: duration, fallback: '15s', about: 'Longest wait for the answer to a probe.' })
  @Min(100)
  readonly keyProbeTimeoutMs!: number;

  @Env({
    env: 'KEY_BREAKER_OPEN_MS',
    read: integer,
    fallback: '5000',
    about: 'How long a channel in trouble is left alone before one probe tries it; doubles up to 30 seconds.',
  })
  @Min(10)
  @Max(30_000)
  readonly keyBreakerOpenMs!: number;

  @Env({
    env: 'KEY_EVENTS_KEEP',
    read: duration,
    fallback: '30d',
    about: "How long the events of a key's history are kept.",
  })
  @Min(HOUR_MS)
  readonly keyEventsKeepMs!: number;

  @Env({
    env: 'LOG_RETENTION',
    read: duration,
    fallback: '30d',
    about: 'How long requests stay in the log. Hourly counts are kept for 400 days.',
  })
  @Min(HOUR_MS)
  readonly logRetentionMs!: number;

  @Env({
    env: 'OBJECT_RETENTION',
    read: duration,
    fallback: '30d',
    about: 'How long it is known which key created a response or batch that an upstream keeps.',
  })
  @Min(HOUR_MS)
  readonly objectRetentionMs!: number;

  @Env({
    env: 'ALERT_WEBHOOK_URL',
    isSecret: true,
    about: 'Where alerts are posted, see [alerts](alerts.md). Unset: nowhere.',
  })
  @IsOptional()
  @Matches(/^https?:\/\/.+/, { message: '$property must start with https:// or http://' })
  readonly alertWebhookUrl!: string | null;

  @Env({
    env: 'ALERT_WEBHOOK_SECRET',
    isSecret: true,
    about: 'Signs alerts (HMAC-SHA256). Unset: they are not signed.',
  })
  readonly alertWebhookSecret!: string | null;

  @Env({
    env: 'ALERT_POOL_SHARE_PERCENT',
    read: integer,
    fallback: '30',
    about: 'A pool with a smaller share of usable keys is worth an alert.',
  })
  @Max(100)
  readonly alertPoolSharePercent!: number;

  toJSON(): string {
    return '[configuration]';
  }

  /** A configuration holds secrets, so no log or error may print it by accident. */
  [inspect.custom](): string {
    return this.toJSON();
  }
}
