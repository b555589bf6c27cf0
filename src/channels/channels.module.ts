import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Channel } from './channel.entity';
import { ChannelChanges } from './channel-changes';
import { ChannelDirectory } from './channel-directory';
import { ChannelReader } from './channel-reader';
import { ChannelsRepository } from './channels.repository';
import { KeyChangeLock } from './key-change-lock';

/** Channels as other features need them. */
@Module({
  imports: [TypeOrmModule.forFeature([Channel])],
  providers: [ChannelsRepository, ChannelChanges, ChannelDirectory, ChannelReader, KeyChangeLock],
  exports: [ChannelsRepository, ChannelChanges, ChannelDirectory, ChannelReader, KeyChangeLock],
})
export class ChannelsModule {}
