import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiEnvelope, ApiExamples, ApiRefusals } from '../common/api-envelope.decorator';
import { type Envelope, envelope } from '../common/envelope';
import { IdParam } from '../common/id.param';
import { ChannelTestDto, TestChannelDto } from './channel-test.dto';
import { ChannelTester } from './channel-tester';

const TEST_BODIES = {
  'The first enabled key, at no cost': {},
  'A certain key with a chat call': { key_index: 0, model: 'gpt-3.5-turbo' },
  'A certain key, and let the answer count': { key_index: 0, apply: true },
};

@ApiTags('Channels')
@Controller('api/channel')
export class ChannelTestController {
  constructor(private readonly tester: ChannelTester) {}

  /** Try one key of a channel with one real request; changes nothing unless `apply` is true */
  @Post(':id/test')
  @HttpCode(200)
  @ApiEnvelope({ data: ChannelTestDto })
  @ApiRefusals(
    [400, 'VALIDATION_FAILED', 'key_index must be an integer number'],
    [404, 'CHANNEL_NOT_FOUND', 'Channel 99 not found'],
    [404, 'KEY_NOT_FOUND', 'Channel 1 has no such key'],
  )
  @ApiExamples(TestChannelDto, TEST_BODIES)
  async testChannel(@Param() { id }: IdParam, @Body() dto: TestChannelDto): Promise<Envelope<ChannelTestDto>> {
    return envelope(await this.tester.test(id, dto));
  }
}
