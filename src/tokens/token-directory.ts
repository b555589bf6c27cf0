import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../common/clock';
import { CoalescedRefresh } from '../common/coalesced-refresh';
import { PeriodicTask } from '../common/periodic-task';
import { isSecretToken } from '../common/secret-token';
import type { Token } from './token.entity';
import type { PeriodSpend, TokenBudget } from './token-budget';
import { TokenChanges } from './token-changes';
import { TOKEN_PREFIX, tokenDigest } from './token-format';
import { TokensRepository } from './tokens.repository';

/** A token as requests see it. */
export interface TokenGrant {
  readonly id: number;
  readonly isEnabled: boolean;
  readonly expiresAtMs: number;
  /** Null: any. */
  readonly models: ReadonlySet<string> | null;
  /** Null: any. */
  readonly channelIds: ReadonlySet<number> | null;
  /** Requests that may start within any 60 seconds; null: any number. */
  readonly requestsPerMinute: number | null;
  /** Requests that may be in flight at once; null: any number. */
  readonly concurrentRequests: number | null;
  /** Null: nothing limits what it may spend. */
  readonly budget: TokenBudget | null;
}

const REFRESH_PAUSE_MS = 5_000;

/** Every client token, in memory, by digest. */
@Injectable()
export class TokenDirectory implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(TokenDirectory.name);
  private grants: ReadonlyMap<string, TokenGrant> = new Map();
  private readonly refresh = new CoalescedRefresh(async () => {
    const tokens = await this.tokens.list();
    const spends = await this.tokens.spends(tokens.filter(hasBudget), this.clock.wallMs());
    this.grants = new Map(
      tokens.map((token) => [token.hash.toString('hex'), toGrant(token, spends.get(token.id) ?? null)]),
    );
  });
  private readonly refreshing = new PeriodicTask(
    () => this.refresh.run(),
    REFRESH_PAUSE_MS,
    () => {
      this.logger.warn('Tokens could not be refreshed from the database; those in memory stay in force');
    },
  );

  constructor(
    private readonly tokens: TokensRepository,
    private readonly changes: TokenChanges,
    private readonly clock: Clock,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.changes.subscribe(() => this.refresh.run());
    await this.refresh.run();
    this.refreshing.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.refreshing.stop();
  }

  /** Null when no such token was issued, or the text is no token at all. */
  find(token: string): TokenGrant | null {
    return isSecretToken(token, TOKEN_PREFIX) ? (this.grants.get(tokenDigest(token)) ?? null) : null;
  }
}

function hasBudget({ maxRequests, maxTokens }: Token): boolean {
  return maxRequests !== null || maxTokens !== null;
}

function toGrant(token: Token, spent: PeriodSpend | null): TokenGrant {
  const { maxRequests, maxTokens, budgetPeriod: period } = token;
  return {
    id: token.id,
    isEnabled: token.status === 1,
    expiresAtMs: token.expiresAt?.getTime() ?? Infinity,
    models: token.models.length > 0 ? new Set(token.models) : null,
    channelIds: token.channelIds.length > 0 ? new Set(token.channelIds) : null,
    requestsPerMinute: token.requestsPerMinute,
    concurrentRequests: token.concurrentRequests,
    budget: hasBudget(token) ? { maxRequests, maxTokens, period, spent } : null,
  };
}
