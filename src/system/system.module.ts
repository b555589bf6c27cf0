import { Module } from '@nestjs/common';
import { HealthModule } from '../health/health.module';
import { UsageModule } from '../usage/usage.module';
import { JournalAlerts } from './journal-alerts';
import { Readiness } from './readiness';
import { SystemController } from './system.controller';

/** What the outside may know about this process. */
@Module({
  imports: [HealthModule, UsageModule],
  controllers: [SystemController],
  providers: [Readiness, JournalAlerts],
  exports: [Readiness],
})
export class SystemModule {}
