import { Module } from '@nestjs/common';
import { ChannelsModule } from '../channels/channels.module';
import { HealthModule } from '../health/health.module';
import { KeysModule } from '../keys/keys.module';
import { KeySelector } from './key-selector';
import { PoolRegistry } from './pool-registry';
import { RandomSource } from './random-source';
import { strategyProviders } from './selection-strategies';

/** Which key serves this request. */
@Module({
  imports: [ChannelsModule, KeysModule, HealthModule],
  providers: [...strategyProviders, PoolRegistry, KeySelector],
  exports: [KeySelector, PoolRegistry, RandomSource],
})
export class SelectorModule {}
