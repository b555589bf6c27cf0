import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiEnvelope, ApiRefusals } from '../../common/api-envelope.decorator';
import { type Envelope, envelope } from '../../common/envelope';
import { UsageStats } from './usage-stats';
import { UsageStatsDto, UsageStatsQueryDto } from './usage-stats.dto';

@ApiTags('Usage')
@Controller('api/stats')
export class UsageStatsController {
  constructor(private readonly stats: UsageStats) {}

  /** Add up requests, outcomes and tokens by channel, key, token, model or import batch */
  @Get()
  @ApiEnvelope({ data: UsageStatsDto })
  @ApiRefusals([400, 'VALIDATION_FAILED', 'limit must not be greater than 1000'])
  async showStats(@Query() query: UsageStatsQueryDto): Promise<Envelope<UsageStatsDto>> {
    return envelope(await this.stats.show(query));
  }
}
