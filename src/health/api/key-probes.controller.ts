import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiEnvelope, ApiExamples, ApiRefusals, type Refusal } from '../../common/api-envelope.decorator';
import { type Envelope, envelope } from '../../common/envelope';
import { IdParam } from '../../common/id.param';
import {
  KeyTestDto,
  KeyTestParam,
  RetryKeyDto,
  RetryReportDto,
  StartedKeyTestDto,
  TestKeysDto,
  toKeyTestDto,
  toRetryReportDto,
} from './key-probes.dto';
import { BulkPreview } from '../../keys/bulk/bulk-preview';
import { KeyRetry } from './key-retry';
import { KeyTests } from './key-tests';

const INVALID: Refusal = [400, 'VALIDATION_FAILED', 'key_index must be an integer number'];
const NO_CHANNEL: Refusal = [404, 'CHANNEL_NOT_FOUND', 'Channel 99 not found'];
const NO_KEY: Refusal = [404, 'KEY_NOT_FOUND', 'Channel 1 has no such key'];
const NO_TEST: Refusal = [404, 'TEST_NOT_FOUND', 'Channel 1 has no such test'];
const STILL_FAILING: Refusal = [409, 'KEY_STILL_FAILING', 'Key 2 of channel 1 was tried and not accepted'];
const ALREADY_RUNNING: Refusal = [409, 'TEST_ALREADY_RUNNING', 'The keys of channel 1 are being tested already'];

const RETRY_BODIES = { 'By index': { channel_id: 1, key_index: 2 } };
const TEST_BODIES = {
  'Those disabled automatically, and enable those that are back': { status: 3, apply: true },
  'All of the channel, with a chat call': { depth: 'call' },
  'Three keys': { key_indices: [0, 1, 2] },
};

@ApiTags('Keys')
@Controller('api/channel')
export class KeyProbesController {
  constructor(
    private readonly keyRetry: KeyRetry,
    private readonly tests: KeyTests,
    private readonly keys: BulkPreview,
  ) {}

  /** Try one key now and enable it if its upstream accepts it */
  @Post('keys/retry')
  @HttpCode(200)
  @ApiEnvelope({ data: RetryReportDto, message: 'Key enabled and ready for retry' })
  @ApiRefusals(INVALID, NO_CHANNEL, NO_KEY, STILL_FAILING)
  @ApiExamples(RetryKeyDto, RETRY_BODIES)
  async retryKey(@Body() { channel_id, key_index }: RetryKeyDto): Promise<Envelope<RetryReportDto>> {
    const finding = await this.keyRetry.retry(channel_id, key_index);
    return envelope(toRetryReportDto(finding), 'Key enabled and ready for retry');
  }

  /** Start a test of many keys; one test a channel at a time */
  @Post(':id/keys/test')
  @HttpCode(200)
  @ApiEnvelope({ data: StartedKeyTestDto, message: 'Test of 5 keys started' })
  @ApiRefusals([400, 'VALIDATION_FAILED', 'depth must be one of: free, call'], NO_CHANNEL, ALREADY_RUNNING)
  @ApiExamples(TestKeysDto, TEST_BODIES)
  async startKeyTest(@Param() { id }: IdParam, @Body() dto: TestKeysDto): Promise<Envelope<StartedKeyTestDto>> {
    const { depth = 'free', apply = false, ...filter } = dto;
    const keyIds = await this.keys.listIds({ channelId: id, filter });
    const started = await this.tests.start(id, keyIds, { depth, isApplied: apply });
    return envelope(started, `Test of ${started.total} keys started`);
  }

  /** Show how far a test is and what it found */
  @Get(':id/keys/test/:job_id')
  @ApiEnvelope({ data: KeyTestDto })
  @ApiRefusals(NO_TEST)
  getKeyTest(@Param() { id, job_id }: KeyTestParam): Envelope<KeyTestDto> {
    return envelope(toKeyTestDto(this.tests.get(id, job_id)));
  }

  /** End a test that is running; what was applied stays */
  @Delete(':id/keys/test/:job_id')
  @ApiEnvelope({ data: KeyTestDto })
  @ApiRefusals(NO_TEST)
  cancelKeyTest(@Param() { id, job_id }: KeyTestParam): Envelope<KeyTestDto> {
    return envelope(toKeyTestDto(this.tests.cancel(id, job_id)));
  }
}
