import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SecretsModule } from '../secrets/secrets.module';
import { Channel } from './channel.entity';
import { ChannelChanges } from './channel-changes';
import { ChannelDirectory } from './channel-directory';
import { ChannelModels } from './channel-models';
import { ChannelReader } from './channel-reader';
import { ChannelsRepository } from './channels.repository';
import { KeyChangeLock } from './key-change-lock';
import { ChannelProxies } from './proxy/channel-proxies';

/** Channels as other features need them. */
@Module({
  imports: [SecretsModule, TypeOrmModule.forFeature([Channel])],
  providers: [
    ChannelsRepository,
    ChannelChanges,
    ChannelDirectory,
    ChannelReader,
    ChannelModels,
    ChannelProxies,
    KeyChangeLock,
  ],
  exports: [
    ChannelsRepository,
    ChannelChanges,
    ChannelDirectory,
    ChannelReader,
    ChannelModels,
    ChannelProxies,
    KeyChangeLock,
  ],
})
export class ChannelsModule {}
