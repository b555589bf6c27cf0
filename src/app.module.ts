import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { AuthModule } from './auth/auth.module';
import { ChannelsApiModule } from './channels/channels-api.module';
import { ClockModule } from './common/clock.module';
import { ErrorFilter } from './common/error.filter';
import { validationPipe } from './common/validation.pipe';
import type { AppConfig } from './config/app-config';
import { ConfigModule } from './config/config.module';
import { DatabaseModule } from './database/database.module';
import type { DatabaseConnection } from './database/database-connection';
import { ExplainModule } from './explain/explain.module';
import { HealthModule } from './health/health.module';
import { KeysBulkModule } from './keys/bulk/keys-bulk.module';
import { KeysModule } from './keys/keys.module';
import { ModelSyncModule } from './model-sync/model-sync.module';
import { RelayModule } from './relay/relay.module';
import { SystemModule } from './system/system.module';
import { TokensModule } from './tokens/tokens.module';
import { UsageApiModule } from './usage/usage-api.module';

/** The list of what Keymux is made of. */
@Module({})
export class AppModule {
  static with(config: AppConfig, connection: DatabaseConnection): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(config),
        ClockModule,
        DatabaseModule.with(connection),
        ChannelsApiModule.with(KeysModule, HealthModule),
        KeysModule,
        KeysBulkModule.with(HealthModule),
        HealthModule,
        TokensModule,
        AuthModule,
        SystemModule,
        RelayModule,
        ModelSyncModule,
        ExplainModule,
        UsageApiModule,
      ],
      providers: [
        { provide: APP_PIPE, useFactory: validationPipe },
        { provide: APP_FILTER, useClass: ErrorFilter },
      ],
    };
  }
}
