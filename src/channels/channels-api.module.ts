import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { ChannelAddresses } from './channel-addresses';
import { ChannelsController } from './channels.controller';
import { ChannelsModule } from './channels.module';
import { ChannelViews } from './channel-views';
import { ChannelsService } from './channels.service';

/**
 * The admin calls about channels, which also carry keys and show how they fare: whoever composes the program names the
 * modules that have `ChannelKeys` and `ChannelBreakers`.
 */
@Module({})
export class ChannelsApiModule {
  static with(...modules: Type[]): DynamicModule {
    return {
      module: ChannelsApiModule,
      imports: [ChannelsModule, ...modules],
      controllers: [ChannelsController],
      providers: [ChannelAddresses, ChannelsService, ChannelViews],
    };
  }
}
