import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiEnvelope, ApiExamples, ApiRefusals } from '../common/api-envelope.decorator';
import { type Envelope, envelope } from '../common/envelope';
import { IdParam } from '../common/id.param';
import { ModelSync } from './model-sync';
import { ModelSyncDto, SyncModelsDto } from './model-sync.dto';

const SYNC_BODIES = {
  'Serve what the upstream lists': {},
  'Only look': { apply: false },
};

@ApiTags('Channels')
@Controller('api/channel')
export class ModelSyncController {
  constructor(private readonly models: ModelSync) {}

  /**
   * Ask the upstream for its models, with the first enabled key, and make them the channel's
   *
   * A list that is refused, empty or longer than 1,000 changes nothing. Azure lists the models that it has, which are not
   * the deployments.
   */
  @Post(':id/models/sync')
  @HttpCode(200)
  @ApiEnvelope({ data: ModelSyncDto, message: 'Models listed successfully' })
  @ApiRefusals(
    [400, 'VALIDATION_FAILED', 'apply must be a boolean value'],
    [404, 'CHANNEL_NOT_FOUND', 'Channel 99 not found'],
    [404, 'KEY_NOT_FOUND', 'Channel 1 has no such key'],
    [502, 'MODELS_NOT_LISTED', 'The upstream of channel 1 gave no list of models that can be used (invalid_api_key)'],
  )
  @ApiExamples(SyncModelsDto, SYNC_BODIES)
  async syncModels(@Param() { id }: IdParam, @Body() { apply = true }: SyncModelsDto): Promise<Envelope<ModelSyncDto>> {
    return envelope(await this.models.sync(id, apply), 'Models listed successfully');
  }
}
