import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module';
import { ChannelsModule } from '../channels/channels.module';
import { SelectorModule } from '../selector/selector.module';
import { TokensModule } from '../tokens/tokens.module';
import { UsageModule } from '../usage/usage.module';
import { AttemptPlanner } from './attempt-planner';
import { ModelList } from './model-list';
import { RelayAuthenticator } from './relay-authenticator';
import { RelayHandler } from './relay-handler';
import { UpstreamPools } from './upstream-pools';
import { UpstreamRelay } from './upstream-relay';

/** The hot path: /v1, behind the door. */
@Module({
  imports: [AuthModule, TokensModule, ChannelsModule, SelectorModule, UsageModule],
  providers: [RelayHandler, RelayAuthenticator, ModelList, UpstreamRelay, AttemptPlanner, UpstreamPools],
  exports: [RelayHandler],
})
export class RelayModule {}
