import { HttpModule } from '@nestjs/axios';
import { Module } from '@nestjs/common';
import { ChannelsModule } from '../channels/channels.module';
import { KeysModule } from '../keys/keys.module';
import { ChannelTestController } from './channel-test.controller';
import { ChannelTester } from './channel-tester';

/** What an upstream says about a key. */
@Module({
  imports: [HttpModule, ChannelsModule, KeysModule],
  controllers: [ChannelTestController],
  providers: [ChannelTester],
})
export class HealthModule {}
