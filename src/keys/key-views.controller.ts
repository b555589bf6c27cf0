import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiEnvelope, ApiRefusals, type Refusal } from '../common/api-envelope.decorator';
import { type Envelope, envelope } from '../common/envelope';
import { IdParam } from '../common/id.param';
import { DETAILS_ANSWER, STATS_ANSWER } from './key-examples';
import { KeyViews } from './key-views';
import { BatchListDto, KeyDetailsDto, KeyStatsDto, ListKeysDto } from './key-views.dto';

const NO_CHANNEL: Refusal = [404, 'CHANNEL_NOT_FOUND', 'Channel 99 not found'];
const INVALID: Refusal = [400, 'VALIDATION_FAILED', 'page must not be less than 1'];

@ApiTags('Keys')
@Controller('api/channel/:id/keys')
export class KeyViewsController {
  constructor(private readonly views: KeyViews) {}

  /** List a channel's keys, masked, with state and counts */
  @Get('details')
  @ApiEnvelope({ data: KeyDetailsDto, example: DETAILS_ANSWER })
  @ApiRefusals(INVALID, NO_CHANNEL)
  async listKeys(@Param() { id }: IdParam, @Query() query: ListKeysDto): Promise<Envelope<KeyDetailsDto>> {
    return envelope(await this.views.details(id, query));
  }

  /** Count a channel's keys by state */
  @Get('stats')
  @ApiEnvelope({ data: KeyStatsDto, example: STATS_ANSWER })
  @ApiRefusals(NO_CHANNEL)
  async keyStats(@Param() { id }: IdParam): Promise<Envelope<KeyStatsDto>> {
    return envelope(await this.views.stats(id));
  }

  /** List a channel's imports */
  @Get('batches')
  @ApiEnvelope({ data: BatchListDto })
  @ApiRefusals(NO_CHANNEL)
  async listBatches(@Param() { id }: IdParam): Promise<Envelope<BatchListDto>> {
    return envelope(await this.views.batches(id));
  }
}
