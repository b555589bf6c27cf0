import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiEnvelope, ApiRefusals } from '../../common/api-envelope.decorator';
import { type Envelope, envelope } from '../../common/envelope';
import { KeyEventListDto, KeyPathParam, ListKeyEventsDto } from './key-event.dto';
import { KeyHistory } from './key-history';

const EVENTS_ANSWER = {
  key_id: 1,
  index: 0,
  items: [
    {
      id: 7,
      at: 1703515200,
      from: 'active',
      to: 'cooling',
      status: 1,
      code: 'rate_limit_exceeded',
      detail: 'Rate limit reached',
      http_status: 429,
      model: null,
      actor: 'traffic',
      until: 1703515230,
    },
  ],
  next_before_id: null,
};

@ApiTags('Keys')
@Controller('api/channel/:id/keys')
export class KeyHistoryController {
  constructor(private readonly history: KeyHistory) {}

  /** List what became of a key: each change of its state with reason and author, the newest first */
  @Get(':index/events')
  @ApiEnvelope({ data: KeyEventListDto, example: EVENTS_ANSWER })
  @ApiRefusals(
    [400, 'VALIDATION_FAILED', 'limit must not be greater than 200'],
    [404, 'CHANNEL_NOT_FOUND', 'Channel 99 not found'],
    [404, 'KEY_NOT_FOUND', 'Channel 1 has no such key'],
  )
  async listKeyEvents(
    @Param() { id, index }: KeyPathParam,
    @Query() query: ListKeyEventsDto,
  ): Promise<Envelope<KeyEventListDto>> {
    return envelope(await this.history.list(id, index, query));
  }
}
