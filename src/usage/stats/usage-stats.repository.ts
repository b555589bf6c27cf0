import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { UsageHour } from '../usage-hour.entity';
import type { StatsCriteria } from './stats-criteria';
import { statsQuery } from './stats-query';
import type { UsageStatsRowDto } from './usage-stats.dto';

/** Adds up what was counted hour by hour. */
@Injectable()
export class UsageStatsRepository {
  constructor(@InjectRepository(UsageHour) private readonly rows: Repository<UsageHour>) {}

  async list(criteria: StatsCriteria, most: number): Promise<UsageStatsRowDto[]> {
    const { sql, parameters } = statsQuery(criteria, most);
    return this.rows.query<UsageStatsRowDto[]>(sql, [...parameters]);
  }
}
