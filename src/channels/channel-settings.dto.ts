import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, Matches } from 'class-validator';
import { MayBeAbsent } from '../common/field-rules';
import type { ChannelSettings } from './channel-settings';
import { HealthSettingsDto } from './health-settings.dto';
import { DEFAULT_API_VERSION } from './upstream-path';

const API_VERSION = /^[\w.-]{1,40}$/;

/** What is left out keeps to the rule for all channels: see docs/configuration.md. */
export class ChannelSettingsDto extends HealthSettingsDto implements ChannelSettings {
  /**
   * True: requests of one session go to the key that served it last, as long as that is usable; good for the prompt caches
   * of upstreams.
   */
  @MayBeAbsent()
  @IsBoolean()
  @ApiProperty({ required: false, default: false })
  readonly affinity?: boolean;

  /** True: streams of chats are asked for their usage of tokens, which callers who did not ask never see. */
  @MayBeAbsent()
  @IsBoolean()
  @ApiProperty({ required: false, default: false })
  readonly stream_usage?: boolean;

  /** The `api-version` that Azure gets from callers who name none. */
  @MayBeAbsent()
  @Matches(API_VERSION, { message: '$property must be a version such as 2024-10-21, of at most 40 characters' })
  @ApiProperty({ pattern: API_VERSION.source, required: false, default: DEFAULT_API_VERSION })
  readonly api_version?: string;
}
