import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiEnvelope, ApiExamples, ApiRefusals } from '../../common/api-envelope.decorator';
import { type Envelope, envelope } from '../../common/envelope';
import { IdParam } from '../../common/id.param';
import { AnswerClassifier } from './answer-classifier';
import { ClassifiedDto, ClassifyDto } from './classify.dto';

const JSON_TYPE = { 'content-type': 'application/json' };
const CLASSIFY_BODIES = {
  'A rate limit': {
    status: 429,
    headers: { ...JSON_TYPE, 'retry-after': '20' },
    body: '{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}',
  },
  'A bad key': {
    status: 401,
    headers: JSON_TYPE,
    body: '{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","code":"invalid_api_key"}}',
  },
  "A caller's mistake": {
    status: 400,
    headers: JSON_TYPE,
    body: '{"error":{"message":"you wrote: invalid_api_key, insufficient_quota","type":"invalid_request_error","code":null}}',
  },
};

@ApiTags('Channels')
@Controller('api/channel')
export class ClassifyController {
  constructor(private readonly classifier: AnswerClassifier) {}

  /** Say what an upstream's answer would mean for a key of this channel; nothing is sent and nothing changes */
  @Post(':id/classify')
  @HttpCode(200)
  @ApiEnvelope({ data: ClassifiedDto })
  @ApiRefusals(
    [400, 'VALIDATION_FAILED', 'status must be an integer number'],
    [404, 'CHANNEL_NOT_FOUND', 'Channel 99 not found'],
  )
  @ApiExamples(ClassifyDto, CLASSIFY_BODIES)
  async classify(@Param() { id }: IdParam, @Body() dto: ClassifyDto): Promise<Envelope<ClassifiedDto>> {
    return envelope(await this.classifier.classify(id, dto));
  }
}
