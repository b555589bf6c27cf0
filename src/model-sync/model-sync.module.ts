import { Module } from '@nestjs/common';
import { ChannelsModule } from '../channels/channels.module';
import { HealthModule } from '../health/health.module';
import { KeysModule } from '../keys/keys.module';
import { ModelSync } from './model-sync';
import { ModelSyncController } from './model-sync.controller';
import { UpstreamModels } from './upstream-models';

/** Channels' models as their upstreams list them. */
@Module({
  imports: [ChannelsModule, KeysModule, HealthModule],
  controllers: [ModelSyncController],
  providers: [ModelSync, UpstreamModels],
})
export class ModelSyncModule {}
