import { Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module';
import { RequestJournal } from './request-journal';
import { UsageCounter } from './usage-counter';

/** What requests leave behind. */
@Module({
  imports: [KeysModule],
  providers: [{ provide: RequestJournal, useClass: UsageCounter }],
  exports: [RequestJournal],
})
export class UsageModule {}
