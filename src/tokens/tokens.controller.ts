import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiEnvelope, ApiExamples, ApiRefusals, type Refusal } from '../common/api-envelope.decorator';
import { type Envelope, envelope } from '../common/envelope';
import { IdParam } from '../common/id.param';
import { CreatedTokenDto, CreateTokenDto, ListTokensDto, TokenDto, TokenPageDto, UpdateTokenDto } from './token.dto';
import { TokensService } from './tokens.service';

const INVALID: Refusal = [400, 'VALIDATION_FAILED', 'name must be a string'];
const NOT_FOUND: Refusal = [404, 'TOKEN_NOT_FOUND', 'Token 99 not found; GET /api/token lists the tokens'];

const CREATE_BODIES = {
  'For any model and channel, without expiry': { name: 'my-app' },
  'For one model of channel 1': { name: 'my-app', models: ['gpt-4o'], channel_ids: [1], expired_time: -1 },
  'With limits': { name: 'my-app', requests_per_minute: 600, concurrent_requests: 20 },
  'With a budget': { name: 'my-app', max_requests: 10_000, max_tokens: 5_000_000, budget_period: 'month' },
};
const UPDATE_BODIES = {
  Disable: { status: 2 },
  Enable: { status: 1 },
  'Lift the limits': { requests_per_minute: null, concurrent_requests: null },
  'Raise a budget': { max_tokens: 10_000_000 },
};

@ApiTags('Tokens')
@Controller('api/token')
export class TokensController {
  constructor(private readonly tokens: TokensService) {}

  /** Issue a client token; it is shown this once */
  @Post()
  @HttpCode(200)
  @ApiEnvelope({ data: CreatedTokenDto, message: 'Token created successfully; it is shown this once' })
  @ApiRefusals(INVALID)
  @ApiExamples(CreateTokenDto, CREATE_BODIES)
  async createToken(@Body() dto: CreateTokenDto): Promise<Envelope<CreatedTokenDto>> {
    return envelope(await this.tokens.create(dto), 'Token created successfully; it is shown this once');
  }

  /** List client tokens, masked */
  @Get()
  @ApiEnvelope({ data: TokenPageDto })
  @ApiRefusals(INVALID)
  async listTokens(@Query() query: ListTokensDto): Promise<Envelope<TokenPageDto>> {
    return envelope(await this.tokens.list(query));
  }

  /** Change a client token; only what is sent changes */
  @Put(':id')
  @ApiEnvelope({ data: TokenDto, message: 'Token updated successfully' })
  @ApiRefusals(INVALID, NOT_FOUND)
  @ApiExamples(UpdateTokenDto, UPDATE_BODIES)
  async updateToken(@Param() { id }: IdParam, @Body() dto: UpdateTokenDto): Promise<Envelope<TokenDto>> {
    return envelope(await this.tokens.update(id, dto), 'Token updated successfully');
  }

  /** Revoke a client token */
  @Delete(':id')
  @ApiEnvelope({ message: 'Token deleted successfully' })
  @ApiRefusals(NOT_FOUND)
  async deleteToken(@Param() { id }: IdParam): Promise<Envelope<null>> {
    await this.tokens.delete(id);
    return envelope(null, 'Token deleted successfully');
  }
}
