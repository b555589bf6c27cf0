import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AppConfig } from '../config/app-config';
import { dataSourceOptions } from './data-source-options';
import type { DatabaseConnection } from './database-connection';
import { openDataSource } from './open-data-source';
import { Transactions } from './transactions';

/** The connection to PostgreSQL, migrated, and transactions on it. */
@Module({})
export class DatabaseModule {
  static with(connection: DatabaseConnection): DynamicModule {
    const typeOrm = TypeOrmModule.forRootAsync({
      inject: [AppConfig],
      useFactory: (config: AppConfig) => ({
        ...dataSourceOptions(connection, config.databasePoolSize),
        autoLoadEntities: true,
        // `openDataSource` tries again itself, and says so in one line.
        toRetry: () => false,
      }),
      dataSourceFactory: openDataSource,
    });
    return {
      module: DatabaseModule,
      global: true,
      imports: [typeOrm],
      providers: [Transactions],
      exports: [Transactions],
    };
  }
}
