import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module';
import { ChannelsModule } from '../channels/channels.module';
import { HealthModule } from '../health/health.module';
import { ObjectsModule } from '../objects/objects.module';
import { SelectorModule } from '../selector/selector.module';
import { TokensModule } from '../tokens/tokens.module';
import { UsageModule } from '../usage/usage.module';
import { Admissions } from './access/admissions';
import { OverloadGuard } from './access/overload-guard';
import { RelayAuthenticator } from './access/relay-authenticator';
import { TokenBudgets } from './access/token-budgets';
import { TokenLimiter } from './access/token-limiter';
import { ContentReader } from './body/content-reader';
import { AnswerLessons } from './exchange/answer-lessons';
import { AttemptLedgers } from './exchange/attempt-ledgers';
import { ExchangeServices } from './exchange/exchange-services';
import { Exchanges } from './exchange/exchanges';
import { StreamUsage } from './exchange/stream-usage';
import { UpstreamPools } from './exchange/upstream-pools';
import { UpstreamRelay } from './exchange/upstream-relay';
import { UpstreamSender } from './exchange/upstream-sender';
import { ModelAnswers } from './models/model-answers';
import { ModelList } from './models/model-list';
import { ObjectPlanner } from './plan/object-planner';
import { RequestPlanner } from './plan/request-planner';
import { SessionAffinity } from './plan/session-affinity';
import { UntriedKeys } from './plan/untried-keys';
import { RelayHandler } from './relay-handler';
import { RetryBudgets } from './retry/retry-budgets';

const ACCESS = [RelayAuthenticator, Admissions, TokenBudgets, TokenLimiter, OverloadGuard];
const PLAN = [RequestPlanner, ObjectPlanner, SessionAffinity, UntriedKeys];
const EXCHANGE = [
  UpstreamRelay,
  Exchanges,
  ExchangeServices,
  AnswerLessons,
  AttemptLedgers,
  RetryBudgets,
  UpstreamSender,
  StreamUsage,
  UpstreamPools,
];

/** The hot path: /v1 and its kin, behind the door. */
@Module({
  imports: [AuthModule, TokensModule, ChannelsModule, HealthModule, SelectorModule, UsageModule, ObjectsModule],
  providers: [RelayHandler, ModelList, ModelAnswers, ContentReader, ...ACCESS, ...PLAN, ...EXCHANGE],
  exports: [RelayHandler],
})
export class RelayModule {}
