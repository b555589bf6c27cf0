import { ApiProperty, PartialType } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsId, IsQueryInteger, IsText, MayBeAbsent } from '../common/field-rules';
import { LONGEST_MODEL_NAME, MOST_MODELS } from './channel-models';
import type { HeaderOverride, ParamOverride } from './channel-overrides';
import { ChannelSettingsDto } from './channel-settings.dto';
import { IsHeaderOverride } from './header-override.rule';
import { IsModelMapping } from './model-mapping.rule';
import { IsParamOverride } from './param-override.rule';
import { PROVIDER_TYPES, type ProviderType } from './provider-type';
import { SELECTION_MODES, type SelectionMode } from './selection-mode';
import { STATUS, type Status } from './status';

const LARGEST_INTEGER = 2 ** 31 - 1;
const MOST_KEYS = 1_000_000;

export class CreateChannelDto {
  /** Name shown to admins. */
  @IsText(1, 200)
  @ApiProperty({ example: 'GPT-4聚合渠道' })
  readonly name!: string;

  /**
   * Where requests go, with or without `/v1`. Plain http, private and loopback addresses need an entry in UPSTREAM_ALLOW.
   */
  @IsText(0, 2000)
  @ApiProperty({ example: 'https://api.openai.com' })
  readonly base_url!: string;

  /**
   * Which API the upstream speaks, and how the key is sent: openai and deepseek OpenAI's API, with a bearer token; azure the
   * same with `api-key` and the paths of deployments; anthropic Anthropic's, with `x-api-key`; gemini Google's, with
   * `x-goog-api-key`. A request goes only to channels that speak its API; nothing is translated.
   */
  @MayBeAbsent()
  @IsIn(PROVIDER_TYPES)
  @ApiProperty({ enum: PROVIDER_TYPES, default: 'openai', required: false })
  readonly type?: ProviderType;

  /**
   * What every request to the upstream goes through: `http://`, `https://` or `socks5://`, then `[user:password@]host:port`,
   * user and password percent-encoded; null or empty for nothing. Private and loopback addresses need an entry in
   * UPSTREAM_ALLOW. The proxy looks up the upstream's name and alone knows the address behind it. Answers mask the password;
   * the URL with the mask in it, sent back, keeps the proxy as it is.
   */
  @IsOptional()
  @IsText(0, 2000)
  @ApiProperty({ type: String, nullable: true, required: false, example: null })
  readonly proxy?: string | null;

  /** Upstream keys, one an entry; imported as POST /api/channel/keys/import does. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MOST_KEYS)
  @IsString({ each: true })
  @ApiProperty({ type: [String], required: false, writeOnly: true, example: [] })
  readonly keys?: string[];

  /** Models that this channel serves; empty serves any. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MOST_MODELS)
  @IsText(1, LONGEST_MODEL_NAME, { each: true })
  @ApiProperty({ type: [String], required: false, example: [] })
  readonly models?: string[];

  /**
   * Model asked for -> model sent upstream. An exact name comes first, then the `*` wildcard with the most literal text; a
   * `*` in the name to send is what the first `*` stands for. The channel serves the mapped models beside `models`.
   */
  @MayBeAbsent()
  @Transform(({ obj }: { obj: { model_mapping?: unknown } }) => obj.model_mapping)
  @IsModelMapping()
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, selfRequired: false, example: {} })
  readonly model_mapping?: Record<string, string>;

  /** Whether several keys may serve; several `keys` imply true. */
  @MayBeAbsent()
  @IsBoolean()
  readonly is_multi_key?: boolean;

  /** 0 polling, 1 random. */
  @MayBeAbsent()
  @IsIn(Object.values(SELECTION_MODES))
  @ApiProperty({ enum: Object.values(SELECTION_MODES), default: 0, required: false })
  readonly key_selection_mode?: SelectionMode;

  /** Channels of a higher priority serve first. */
  @MayBeAbsent()
  @IsInt()
  @Min(-LARGEST_INTEGER)
  @Max(LARGEST_INTEGER)
  @ApiProperty({ type: 'integer', default: 0, required: false })
  readonly priority?: number;

  /** Share of the requests among channels of one priority. */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  @ApiProperty({ type: 'integer', minimum: 1, maximum: 1_000_000, default: 1, required: false })
  readonly weight?: number;

  /** How the health of the keys is judged and restored, and how requests are sent; replaced as a whole. */
  @MayBeAbsent()
  @IsObject()
  @ValidateNested()
  @Type(() => ChannelSettingsDto)
  @ApiProperty({ type: () => ChannelSettingsDto, required: false, example: {} })
  readonly settings?: ChannelSettingsDto;

  /**
   * Header -> the value that every request to the upstream gets, whatever the caller sends; null removes it. Headers that
   * carry credentials or belong to the connection, the body's transfer or the caller's address are refused.
   */
  @MayBeAbsent()
  @Transform(({ obj }: { obj: { header_override?: unknown } }) => obj.header_override)
  @IsHeaderOverride()
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string', nullable: true },
    selfRequired: false,
    example: {},
  })
  readonly header_override?: HeaderOverride;

  /**
   * Top-level field of a JSON body -> the value that every request to the upstream gets, whatever the caller sends; null
   * removes it. `model` and `stream` are refused.
   */
  @MayBeAbsent()
  @Transform(({ obj }: { obj: { param_override?: unknown } }) => obj.param_override)
  @IsParamOverride()
  @ApiProperty({ type: 'object', additionalProperties: true, selfRequired: false, example: {} })
  readonly param_override?: ParamOverride;
}

/** Only what is sent changes. */
export class UpdateChannelDto extends PartialType(CreateChannelDto, { skipNullProperties: false }) {
  /** 1 enables the channel, 2 disables it. */
  @MayBeAbsent()
  @IsIn([STATUS.enabled, STATUS.disabledByHand])
  @ApiProperty({ enum: [STATUS.enabled, STATUS.disabledByHand], required: false })
  readonly status?: Status;
}

export class MultiKeySettingsDto {
  @IsId()
  readonly channel_id!: number;

  /** Off keeps every key and serves only the lowest usable index. */
  @IsBoolean()
  @ApiProperty({ example: true })
  readonly is_multi_key!: boolean;

  /** 0 polling, 1 random. */
  @IsIn(Object.values(SELECTION_MODES))
  @ApiProperty({ enum: Object.values(SELECTION_MODES), example: 0 })
  readonly key_selection_mode!: SelectionMode;
}

export class ListChannelsDto {
  @IsQueryInteger(1, 1_000_000)
  readonly page: number = 1;

  @IsQueryInteger(1, 1000)
  readonly page_size: number = 20;

  /** 1 enabled, 2 disabled by hand, 3 disabled automatically. */
  @IsOptional()
  @Transform(({ value }) => Number(value))
  @IsIn(Object.values(STATUS))
  @ApiProperty({ enum: Object.values(STATUS), required: false })
  readonly status?: Status;

  /** Part of a name or base URL. */
  @IsOptional()
  @IsText(0, 200)
  readonly keyword?: string;
}
