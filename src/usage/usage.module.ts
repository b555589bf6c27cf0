import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { KeysModule } from '../keys/keys.module';
import { BatchWriter } from './flush/batch-writer';
import { FlushableSegments } from './flush/flushable-segments';
import { UsageBatch } from './flush/usage-batch.entity';
import { UsageFlusher } from './flush/usage-flusher';
import { UsageRepository } from './flush/usage.repository';
import { FileJournal } from './journal/file-journal';
import { JournalNews } from './journal/journal-news';
import { RequestJournal } from './request-journal';
import { RequestLog } from './request-log.entity';
import { BatchPurge } from './retention/batch-purge';
import { HourPurge } from './retention/hour-purge';
import { LogPurge } from './retention/log-purge';
import { RetentionRepository } from './retention/retention.repository';
import { CountingJournal } from './spend/counting-journal';
import { TokenSpending } from './spend/token-spending';
import { TokenSpend } from './token-spend.entity';
import { UsageHour } from './usage-hour.entity';

/** What requests leave behind: in the journal at once, in the database a moment later. */
@Module({
  imports: [KeysModule, TypeOrmModule.forFeature([UsageBatch, RequestLog, UsageHour, TokenSpend])],
  providers: [
    FileJournal,
    JournalNews,
    TokenSpending,
    { provide: RequestJournal, useClass: CountingJournal },
    { provide: FlushableSegments, useExisting: FileJournal },
    UsageRepository,
    BatchWriter,
    UsageFlusher,
    RetentionRepository,
    LogPurge,
    HourPurge,
    BatchPurge,
  ],
  exports: [RequestJournal, JournalNews, TokenSpending],
})
export class UsageModule {}
