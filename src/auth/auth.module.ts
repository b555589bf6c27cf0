import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { TokensModule } from '../tokens/tokens.module';
import { AdminCredentials } from './admin-credentials';
import { AdminGuard } from './admin.guard';

/** Guards every admin route. */
@Module({
  imports: [TokensModule],
  providers: [AdminCredentials, { provide: APP_GUARD, useClass: AdminGuard }],
  exports: [AdminCredentials],
})
export class AuthModule {}
