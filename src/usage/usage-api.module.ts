import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { LogExport } from './log/log-export';
import { RequestLogController } from './log/request-log.controller';
import { RequestLogViews } from './log/request-log-views';
import { RequestLogsRepository } from './log/request-logs.repository';
import { RequestLog } from './request-log.entity';
import { UsageStats } from './stats/usage-stats';
import { UsageStatsController } from './stats/usage-stats.controller';
import { UsageStatsRepository } from './stats/usage-stats.repository';
import { UsageHour } from './usage-hour.entity';

/** The admin calls about what requests left behind: the log of them, and what was counted. */
@Module({
  imports: [TypeOrmModule.forFeature([RequestLog, UsageHour])],
  controllers: [RequestLogController, UsageStatsController],
  providers: [RequestLogsRepository, RequestLogViews, LogExport, UsageStatsRepository, UsageStats],
})
export class UsageApiModule {}
