import { Max, Min } from 'class-validator';
import { Env } from './env.decorator';
import { ProgramConfig } from './program-config';
import { duration, flag, integer, size } from './setting';

const GIBIBYTE = 1024 ** 3;
const DAY_MS = 86_400_000;

/** Settings of the relay: how large, how long and how often. */
export abstract class RelayConfig extends ProgramConfig {
  @Env({ env: 'RELAY_BODY_LIMIT', read: size, fallback: '32mb', about: 'Largest request body that /v1 accepts.' })
  @Min(1024)
  @Max(GIBIBYTE)
  readonly relayBodyLimitBytes!: number;

  @Env({
    env: 'RELAY_FORM_KEPT',
    read: size,
    fallback: '1mb',
    about:
      'How much of a form (audio, images) is kept so that another attempt can send it again; what is longer streams through, and has one attempt from there on.',
  })
  @Max(GIBIBYTE)
  readonly relayFormKeptBytes!: number;

  @Env({
    env: 'RELAY_REQUEST_TIMEOUT',
    read: duration,
    fallback: '5m',
    about: 'Longest time that a client may take to send a whole request; its head has 15 seconds of it.',
  })
  @Min(1_000)
  @Max(DAY_MS)
  readonly relayRequestTimeoutMs!: number;

  @Env({
    env: 'RELAY_MAX_IN_FLIGHT',
    read: integer,
    fallback: '10000',
    about: 'Most requests of clients in flight at once; what comes on top is answered with 503 `overloaded`.',
  })
  @Min(1)
  @Max(1_000_000)
  readonly relayMaxInFlight!: number;

  @Env({
    env: 'RELAY_MAX_LOOP_LAG',
    read: duration,
    fallback: '1s',
    about:
      'How late the program may be with its own work, twice in a row, before it answers 503 `overloaded`; 0s: any.',
  })
  readonly relayMaxLoopLagMs!: number;

  @Env({
    env: 'RELAY_CONNECT_TIMEOUT',
    read: duration,
    fallback: '5s',
    about: 'Longest wait for a connection to an upstream.',
  })
  @Min(100)
  readonly relayConnectTimeoutMs!: number;

  @Env({
    env: 'RELAY_FIRST_BYTE_TIMEOUT',
    read: duration,
    fallback: '10m',
    about: "Longest wait for the head of an upstream's answer.",
  })
  @Min(100)
  readonly relayFirstByteTimeoutMs!: number;

  @Env({
    env: 'RELAY_IDLE_TIMEOUT',
    read: duration,
    fallback: '2m',
    about: "Longest silence inside an upstream's answer.",
  })
  @Min(100)
  readonly relayIdleTimeoutMs!: number;

  @Env({
    env: 'RELAY_TOTAL_TIMEOUT',
    read: duration,
    fallback: '1h',
    about: 'Longest time that a request may take, from its first attempt to the end of its answer.',
  })
  @Min(1_000)
  @Max(DAY_MS)
  readonly relayTotalTimeoutMs!: number;

  @Env({
    env: 'RELAY_KEEP_ALIVE',
    read: duration,
    fallback: '0s',
    about:
      'Silence in an event stream after which a comment keeps its connection alive; 0s: never. Some hand-written clients choke on comments.',
  })
  readonly relayKeepAliveMs!: number;

  @Env({
    env: 'RELAY_RETRY_PERCENT',
    read: integer,
    fallback: '20',
    about: "Most retries in flight, as a share of a channel's requests in flight; three are always allowed.",
  })
  @Max(100)
  readonly relayRetryPercent!: number;

  @Env({
    env: 'EXPOSE_ROUTE_HEADERS',
    read: flag,
    fallback: 'false',
    about: 'Adds `x-keymux-channel`, `x-keymux-key-index` and `x-keymux-attempts` to relayed answers.',
  })
  readonly exposeRouteHeaders!: boolean;
}
