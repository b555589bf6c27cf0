import { Module } from '@nestjs/common';
import { ChannelsModule } from '../channels/channels.module';
import { HealthModule } from '../health/health.module';
import { KeysModule } from '../keys/keys.module';
import { SelectorModule } from '../selector/selector.module';
import { ChannelExplainer } from './channel-explainer';
import { ExplainController } from './explain.controller';
import { Prospects } from './prospects';

/** What the relay would do with a channel now, and why. */
@Module({
  imports: [ChannelsModule, KeysModule, HealthModule, SelectorModule],
  controllers: [ExplainController],
  providers: [ChannelExplainer, Prospects],
})
export class ExplainModule {}
