import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiEnvelope, ApiExamples, ApiRefusals, type Refusal } from '../common/api-envelope.decorator';
import { type Envelope, envelope } from '../common/envelope';
import { IdParam } from '../common/id.param';
import { ChannelDto, ChannelPageDto, MultiKeySettingsResultDto } from './channel.dto';
import { CREATE_BODIES, SETTINGS_BODIES, UPDATE_BODIES } from './channel-examples';
import { CreateChannelDto, ListChannelsDto, MultiKeySettingsDto, UpdateChannelDto } from './channel-input.dto';
import { ChannelViews } from './channel-views';
import { ChannelsService } from './channels.service';

const NOT_FOUND: Refusal = [404, 'CHANNEL_NOT_FOUND', 'Channel 99 not found; GET /api/channel lists the channels'];
const INVALID: Refusal = [400, 'VALIDATION_FAILED', 'name must be a string'];
const REFUSED_URL: Refusal = [400, 'BASE_URL_REFUSED', 'base_url must be a URL such as https://api.openai.com'];
const REFUSED_PROXY: Refusal = [
  400,
  'PROXY_REFUSED',
  '10.0.0.1:3128 is not a public address: if it is meant, add it to UPSTREAM_ALLOW.',
];
const NOT_MULTI_KEY: Refusal = [409, 'CHANNEL_NOT_MULTI_KEY', 'Several keys need a multi-key channel'];
const NEEDS_KEYS: Refusal = [
  409,
  'BASE_URL_CHANGE_NEEDS_KEYS',
  'The new base_url has another origin and keys are stored',
];
const NO_KEYS: Refusal = [400, 'NO_VALID_KEYS', 'None of the keys can be used'];

@ApiTags('Channels')
@Controller('api/channel')
export class ChannelsController {
  constructor(
    private readonly channels: ChannelsService,
    private readonly views: ChannelViews,
  ) {}

  /** Make a channel */
  @Post()
  @HttpCode(200)
  @ApiEnvelope({ data: ChannelDto, message: 'Channel created successfully' })
  @ApiRefusals(INVALID, REFUSED_URL, REFUSED_PROXY, NO_KEYS, NOT_MULTI_KEY)
  @ApiExamples(CreateChannelDto, CREATE_BODIES)
  async createChannel(@Body() dto: CreateChannelDto): Promise<Envelope<ChannelDto>> {
    return envelope(await this.views.get(await this.channels.create(dto)), 'Channel created successfully');
  }

  /** Switch multi-key on or off and choose polling or random */
  @Put('multi-key/settings')
  @ApiEnvelope({
    data: MultiKeySettingsResultDto,
    message: 'Channel settings updated successfully',
    example: { is_multi_key: true, key_selection_mode: 0 },
  })
  @ApiRefusals(INVALID, NOT_FOUND)
  @ApiExamples(MultiKeySettingsDto, SETTINGS_BODIES)
  async updateSettings(@Body() dto: MultiKeySettingsDto): Promise<Envelope<MultiKeySettingsResultDto>> {
    await this.channels.setMultiKey(dto);
    const { is_multi_key, key_selection_mode } = dto;
    return envelope({ is_multi_key, key_selection_mode }, 'Channel settings updated successfully');
  }

  /** List channels */
  @Get()
  @ApiEnvelope({ data: ChannelPageDto })
  @ApiRefusals(INVALID)
  async listChannels(@Query() query: ListChannelsDto): Promise<Envelope<ChannelPageDto>> {
    return envelope(await this.views.list(query));
  }

  /** Show a channel */
  @Get(':id')
  @ApiEnvelope({ data: ChannelDto })
  @ApiRefusals(NOT_FOUND)
  async getChannel(@Param() { id }: IdParam): Promise<Envelope<ChannelDto>> {
    return envelope(await this.views.get(id));
  }

  /** Change a channel; only what is sent changes */
  @Put(':id')
  @ApiEnvelope({ data: ChannelDto, message: 'Channel updated successfully' })
  @ApiRefusals(INVALID, REFUSED_URL, REFUSED_PROXY, NO_KEYS, NOT_FOUND, NEEDS_KEYS, NOT_MULTI_KEY)
  @ApiExamples(UpdateChannelDto, UPDATE_BODIES)
  async updateChannel(@Param() { id }: IdParam, @Body() dto: UpdateChannelDto): Promise<Envelope<ChannelDto>> {
    await this.channels.update(id, dto);
    return envelope(await this.views.get(id), 'Channel updated successfully');
  }

  /** Delete a channel and its keys */
  @Delete(':id')
  @ApiEnvelope({ message: 'Channel deleted successfully' })
  @ApiRefusals(NOT_FOUND)
  async deleteChannel(@Param() { id }: IdParam): Promise<Envelope<null>> {
    await this.channels.delete(id);
    return envelope(null, 'Channel deleted successfully');
  }
}
