import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock';
import type { UsageStatsDto, UsageStatsQueryDto } from './usage-stats.dto';
import { UsageStatsRepository } from './usage-stats.repository';

const MOST_ROWS = 10_000;
const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

/** Shows what was counted, added up as an admin asks for it. */
@Injectable()
export class UsageStats {
  constructor(
    private readonly stats: UsageStatsRepository,
    private readonly clock: Clock,
  ) {}

  async show({ from, to, ...criteria }: UsageStatsQueryDto): Promise<UsageStatsDto> {
    const end = to ?? Math.floor(this.clock.wallMs() / 1000);
    const hours = {
      from: toHour(from ?? Math.max(end - DAY_SECONDS, 0), Math.floor),
      to: toHour(end, Math.ceil),
    };
    const rows = await this.stats.list({ ...criteria, ...hours }, MOST_ROWS + 1);
    const items = rows.slice(0, MOST_ROWS);
    return { ...hours, items, ...(rows.length > MOST_ROWS && { truncated: true }) };
  }
}

function toHour(seconds: number, round: (hours: number) => number): number {
  return round(seconds / HOUR_SECONDS) * HOUR_SECONDS;
}
