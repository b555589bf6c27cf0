import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Token } from './token.entity';
import { TokenChanges } from './token-changes';
import { TokenDirectory } from './token-directory';
import { TokensController } from './tokens.controller';
import { TokensRepository } from './tokens.repository';
import { TokensService } from './tokens.service';

/** Client tokens: issued, hashed, looked up in memory. */
@Module({
  imports: [TypeOrmModule.forFeature([Token])],
  controllers: [TokensController],
  providers: [TokensRepository, TokensService, TokenChanges, TokenDirectory],
  exports: [TokenDirectory],
})
export class TokensModule {}
