import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiEnvelope, ApiRefusals } from '../common/api-envelope.decorator';
import { type Envelope, envelope } from '../common/envelope';
import { IdParam } from '../common/id.param';
import { ChannelExplainer } from './channel-explainer';
import { ExplainQueryDto, ExplanationDto } from './explain.dto';

@ApiTags('Channels')
@Controller('api/channel')
export class ExplainController {
  constructor(private readonly explainer: ChannelExplainer) {}

  /** Explain which key a channel would use next, and why others are out */
  @Get(':id/explain')
  @ApiEnvelope({ data: ExplanationDto })
  @ApiRefusals(
    [400, 'VALIDATION_FAILED', 'model must be a text of 1 to 200 characters'],
    [404, 'CHANNEL_NOT_FOUND', 'Channel 99 not found'],
  )
  async explainChannel(
    @Param() { id }: IdParam,
    @Query() { model }: ExplainQueryDto,
  ): Promise<Envelope<ExplanationDto>> {
    return envelope(await this.explainer.explain(id, model ?? null));
  }
}
