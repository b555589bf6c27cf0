import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { ChannelsController } from './channels.controller';
import { ChannelsModule } from './channels.module';
import { ChannelsService } from './channels.service';

/** The admin calls about channels, which also carry keys: whoever composes the program names the module that has `ChannelKeys`. */
@Module({})
export class ChannelsApiModule {
  static with(channelKeysModule: Type): DynamicModule {
    return {
      module: ChannelsApiModule,
      imports: [ChannelsModule, channelKeysModule],
      controllers: [ChannelsController],
      providers: [ChannelsService],
    };
  }
}
