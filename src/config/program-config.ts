import { IsIn, IsOptional, Matches, Max, Min, MinLength } from 'class-validator';
import { Env } from './env.decorator';
import { duration, integer, SettingFault, size } from './setting';
import { UpstreamAllow } from './upstream-allow';

/** Settings of the program itself: where it listens and what it stores. */
export abstract class ProgramConfig {
  @Env({ env: 'PORT', read: integer, fallback: '3000', about: 'TCP port; 0 takes any free one.' })
  @Max(65_535)
  readonly port!: number;

  @Env({ env: 'HOST', about: 'Address to listen on. Unset: every address, IPv6 and IPv4.' })
  readonly host!: string | null;

  @Env({
    env: 'DATABASE_URL',
    isSecret: true,
    about: 'PostgreSQL to use, `postgres://user:password@host:5432/name`. Unset: the embedded PostgreSQL in DATA_DIR.',
  })
  @IsOptional()
  @Matches(/^postgres(ql)?:\/\/.+/, { message: '$property must start with postgres:// or postgresql://' })
  readonly databaseUrl!: string | null;

  @Env({ env: 'DATABASE_POOL_SIZE', read: integer, fallback: '10', about: 'Most connections to PostgreSQL.' })
  @Min(3)
  @Max(500)
  readonly databasePoolSize!: number;

  @Env({
    env: 'DATA_DIR',
    fallback: './data',
    about: 'Folder for the embedded database, generated secrets and local state; made for its owner only.',
  })
  readonly dataDir!: string;

  @Env({
    env: 'ADMIN_TOKEN',
    isSecret: true,
    about:
      'Bearer token of the admin API, at least 16 characters. Unset: made once into `DATA_DIR/admin-token` (mode 0600).',
  })
  @Matches(/^[\x21-\x7e]*$/, { message: '$property must be printable ASCII without spaces' })
  @MinLength(16)
  readonly adminToken!: string;

  @Env({
    env: 'ENCRYPTION_KEY',
    isSecret: true,
    about:
      '32 bytes in base64 that encrypt the stored keys. Unset: made once into `DATA_DIR/encryption-key` (mode 0600). Back it up together with the database.',
  })
  @Matches(/^[A-Za-z0-9+/_-]{43}=?$/, { message: '$property must be 32 bytes in base64' })
  readonly encryptionKey!: string;

  @Env({
    env: 'UPSTREAM_ALLOW',
    read: upstreamAllow,
    fallback: '',
    about:
      'Comma list of hosts, host:port or CIDRs that private, loopback or plain-http upstreams, and private or loopback proxies, may use. Link-local and cloud metadata addresses never.',
  })
  readonly upstreamAllow!: UpstreamAllow;

  @Env({
    env: 'KEY_USAGE_FLUSH',
    read: duration,
    fallback: '500ms',
    about: 'Pause between two writes of usage counts and the request log to the database.',
  })
  @Min(10)
  @Max(5_000)
  readonly usageFlushMs!: number;

  @Env({
    env: 'JOURNAL_LIMIT',
    read: size,
    fallback: '1gb',
    about:
      'Most room that records of requests take in `DATA_DIR/journal` until the database has them; beyond, only sums are kept of the oldest.',
  })
  @Min(16 * 1024 ** 2)
  readonly journalLimitBytes!: number;

  @Env({
    env: 'SHUTDOWN_TIMEOUT',
    read: duration,
    fallback: '30s',
    about: 'Longest wait for requests in flight after SIGTERM, before their connections are cut.',
  })
  readonly shutdownTimeoutMs!: number;

  @Env({ env: 'LOG_LEVEL', fallback: 'log', about: '`error`, `warn`, `log` or `debug`.' })
  @IsIn(['error', 'warn', 'log', 'debug'])
  readonly logLevel!: string;

  @Env({ env: 'LOG_FORMAT', fallback: 'text', about: '`text` or `json`.' })
  @IsIn(['text', 'json'])
  readonly logFormat!: string;

  @Env({
    env: 'NODE_ENV',
    fallback: 'development',
    about: '`production` with DATABASE_URL refuses to start without ADMIN_TOKEN and ENCRYPTION_KEY.',
  })
  readonly nodeEnv!: string;
}

function upstreamAllow(text: string): UpstreamAllow {
  const parsed = UpstreamAllow.parse(text);
  if (parsed instanceof UpstreamAllow) return parsed;
  throw new SettingFault(parsed.join('; '));
}
