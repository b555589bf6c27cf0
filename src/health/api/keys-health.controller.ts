import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiEnvelope, ApiRefusals } from '../../common/api-envelope.decorator';
import { type Envelope, envelope } from '../../common/envelope';
import { IdParam } from '../../common/id.param';
import { KeysHealth } from './keys-health';
import { KeysHealthDto, KeysHealthQueryDto } from './keys-health.dto';

const HEALTH_ANSWER = {
  channel_id: 1,
  channel_name: 'GPT-4聚合渠道',
  total_keys: 5,
  enabled_keys: 4,
  disabled_keys: 1,
  is_multi_key: true,
  selection_mode: 0,
  manually_disabled_keys: 1,
  auto_disabled_keys: 0,
  cooling_keys: 0,
  healthy_ratio: 0.8,
  overall_health: 'excellent',
  keys_health: [
    {
      index: 0,
      key: 'sk-1234...cdef',
      status: 1,
      status_text: '已启用',
      state: 'active',
      usage: 18,
      last_used: 1703516400,
      health_score: 95,
      requests_last_hour: 18,
      failures_last_hour: 1,
      mean_latency_ms: 640,
    },
  ],
};

@ApiTags('Keys')
@Controller('api/channel/:id/keys')
export class KeysHealthController {
  constructor(private readonly health: KeysHealth) {}

  /** Show how a channel's keys fare, with a measured score each */
  @Get('health')
  @ApiEnvelope({ data: KeysHealthDto, example: HEALTH_ANSWER })
  @ApiRefusals(
    [400, 'VALIDATION_FAILED', 'page must not be less than 1'],
    [404, 'CHANNEL_NOT_FOUND', 'Channel 99 not found'],
  )
  async keysHealth(@Param() { id }: IdParam, @Query() query: KeysHealthQueryDto): Promise<Envelope<KeysHealthDto>> {
    return envelope(await this.health.show(id, query));
  }
}
