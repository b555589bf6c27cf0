import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module';
import { ChannelsModule } from '../channels/channels.module';
import { HealthModule } from '../health/health.module';
import { SelectorModule } from '../selector/selector.module';
import { TokensModule } from '../tokens/tokens.module';
import { UsageModule } from '../usage/usage.module';
import { AttemptLedgers } from './exchange/attempt-ledgers';
import { AttemptPlanner } from './plan/attempt-planner';
import { ExchangeServices } from './exchange/exchange-services';
import { ModelList } from './models/model-list';
import { RelayAuthenticator } from './access/relay-authenticator';
import { RelayHandler } from './relay-handler';
import { RetryBudgets } from './retry/retry-budgets';
import { UntriedKeys } from './plan/untried-keys';
import { UpstreamPools } from './exchange/upstream-pools';
import { UpstreamRelay } from './exchange/upstream-relay';

/** The hot path: /v1, behind the door. */
@Module({
  imports: [AuthModule, TokensModule, ChannelsModule, HealthModule, SelectorModule, UsageModule],
  providers: [
    RelayHandler,
    RelayAuthenticator,
    ModelList,
    UpstreamRelay,
    AttemptPlanner,
    AttemptLedgers,
    ExchangeServices,
    UpstreamPools,
    RetryBudgets,
    UntriedKeys,
  ],
  exports: [RelayHandler],
})
export class RelayModule {}
