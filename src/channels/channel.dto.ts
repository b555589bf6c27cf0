import { ApiProperty } from '@nestjs/swagger';
import { unixSeconds } from '../common/unix-seconds';
import type { Channel } from './channel.entity';
import type { BreakerView } from './channel-breakers';
import type { KeyCounts } from './channel-keys';
import type { HeaderOverride, ParamOverride } from './channel-overrides';
import { ChannelSettingsDto } from './channel-settings.dto';
import { SELECTION_MODES, type SelectionMode } from './selection-mode';
import { STATUS, type Status, statusText } from './status';

export class MultiKeySettingsResultDto {
  @ApiProperty({ example: true })
  readonly is_multi_key!: boolean;

  @ApiProperty({ example: 0, enum: Object.values(SELECTION_MODES) })
  readonly key_selection_mode!: SelectionMode;
}

/** Open, the channel is left alone after trouble of its upstream; half-open, one request of ours tries it. */
export class BreakerDto implements BreakerView {
  /** Requests go to the channel only while it is closed. */
  @ApiProperty({ enum: ['closed', 'open', 'half-open'], example: 'closed' })
  readonly state!: BreakerView['state'];
  /** The verdict that it opened for; null while it is closed, as are the next three. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly reason!: string | null;
  /** The code of the upstream's answer, such as `http_503`, or of the error that came instead. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly code!: string | null;
  /** Unix seconds. */
  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly since!: number | null;
  /** Unix seconds of the next trial; null as well while one is under way. */
  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly retry_at!: number | null;
}

export class ChannelDto {
  @ApiProperty({ example: 1 })
  readonly id!: number;
  @ApiProperty({ example: 'GPT-4聚合渠道' })
  readonly name!: string;
  @ApiProperty({ example: 'openai' })
  readonly type!: string;
  @ApiProperty({ example: 'https://api.openai.com' })
  readonly base_url!: string;
  /** 1 enabled, 2 disabled by hand, 3 disabled automatically. */
  @ApiProperty({ enum: Object.values(STATUS), example: 1 })
  readonly status!: Status;
  @ApiProperty({ example: '已启用' })
  readonly status_text!: string;
  @ApiProperty({ example: true })
  readonly is_multi_key!: boolean;
  @ApiProperty({ enum: Object.values(SELECTION_MODES), example: 0 })
  readonly selection_mode!: SelectionMode;
  @ApiProperty({ type: [String], example: [] })
  readonly models!: string[];
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, example: {} })
  readonly model_mapping!: Record<string, string>;
  @ApiProperty({ example: 0 })
  readonly priority!: number;
  @ApiProperty({ example: 1 })
  readonly weight!: number;
  /** What this channel settles for itself; the rest is as for all channels. */
  readonly settings!: ChannelSettingsDto;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string', nullable: true }, example: {} })
  readonly header_override!: HeaderOverride;
  @ApiProperty({ type: 'object', additionalProperties: true, example: {} })
  readonly param_override!: ParamOverride;
  /** What requests to the upstream go through, with its password masked; null for nothing. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly proxy!: string | null;
  readonly breaker!: BreakerDto;
  @ApiProperty({ example: 5 })
  readonly total_keys!: number;
  @ApiProperty({ example: 5 })
  readonly enabled_keys!: number;
  /** Unix seconds. */
  @ApiProperty({ example: 1703515200 })
  readonly created_at!: number;
  /** Unix seconds. */
  @ApiProperty({ example: 1703515200 })
  readonly updated_at!: number;
}

export class ChannelPageDto {
  readonly items!: ChannelDto[];
  @ApiProperty({ example: 1 })
  readonly total!: number;
  @ApiProperty({ example: 1 })
  readonly page!: number;
  @ApiProperty({ example: 20 })
  readonly page_size!: number;
}

/** What a channel's row does not tell. */
interface ChannelFacts {
  readonly counts: KeyCounts | undefined;
  readonly breaker: BreakerView;
  /** Masked. */
  readonly proxy: string | null;
}

export function toChannelDto(channel: Channel, { counts, breaker, proxy }: ChannelFacts): ChannelDto {
  return {
    id: channel.id,
    name: channel.name,
    type: channel.type,
    base_url: channel.baseUrl,
    status: channel.status,
    status_text: statusText(channel.status),
    is_multi_key: channel.isMultiKey,
    selection_mode: channel.selectionMode,
    models: channel.models,
    model_mapping: channel.modelMapping,
    priority: channel.priority,
    weight: channel.weight,
    settings: channel.settings,
    header_override: channel.headerOverride,
    param_override: channel.paramOverride,
    proxy,
    breaker,
    total_keys: counts?.total ?? 0,
    enabled_keys: counts?.enabled ?? 0,
    created_at: unixSeconds(channel.createdAt),
    updated_at: unixSeconds(channel.updatedAt),
  };
}
