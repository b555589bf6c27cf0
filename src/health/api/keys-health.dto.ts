import { ApiProperty } from '@nestjs/swagger';
import { SELECTION_MODES, type SelectionMode } from '../../channels/selection-mode';
import { STATUS, type Status } from '../../channels/status';
import { IsQueryInteger } from '../../common/field-rules';
import { KEY_STATES, type KeyState } from '../../keys/key-state';

/** From the best to the worst. */
const OVERALL_HEALTHS = ['excellent', 'good', 'fair', 'poor', 'critical'] as const;

export type OverallHealth = (typeof OVERALL_HEALTHS)[number];

export class KeysHealthQueryDto {
  /** From 1 on; without it all keys are listed, at most 10,000. */
  @IsQueryInteger(1, 10_000_000)
  readonly page?: number;

  @IsQueryInteger(1, 1000)
  readonly page_size: number = 100;
}

export class HealthOfKeyDto {
  @ApiProperty({ example: 0 })
  readonly index!: number;
  /** Masked. */
  @ApiProperty({ example: 'sk-1234...cdef' })
  readonly key!: string;
  /** 1 enabled, 2 disabled by hand, 3 disabled automatically. */
  @ApiProperty({ enum: Object.values(STATUS), example: 1 })
  readonly status!: Status;
  @ApiProperty({ example: '已启用' })
  readonly status_text!: string;
  /** What the key is at this moment; `cooling` may be for one model alone. */
  @ApiProperty({ enum: KEY_STATES, example: 'active' })
  readonly state!: KeyState;
  /** Requests sent with this key. */
  @ApiProperty({ example: 18 })
  readonly usage!: number;
  /** Unix seconds; 0 means never. */
  @ApiProperty({ example: 1703516400 })
  readonly last_used!: number;
  /**
   * 0 to 100, measured in the last hour: 100 x success rate x latency factor (1 up to a mean of 2 s, 0.5 from 30 s on). 100
   * for a key that was not used; 0 for one that is off.
   */
  @ApiProperty({ example: 95 })
  readonly health_score!: number;
  /** As this process saw them, as are the next two. */
  @ApiProperty({ example: 18 })
  readonly requests_last_hour!: number;
  @ApiProperty({ example: 1 })
  readonly failures_last_hour!: number;
  /** Until the head of a good answer; null when there was none. */
  @ApiProperty({ type: Number, nullable: true, example: 640 })
  readonly mean_latency_ms!: number | null;
}

export class KeysHealthDto {
  @ApiProperty({ example: 1 })
  readonly channel_id!: number;
  @ApiProperty({ example: 'GPT-4聚合渠道' })
  readonly channel_name!: string;
  @ApiProperty({ example: true })
  readonly is_multi_key!: boolean;
  @ApiProperty({ enum: Object.values(SELECTION_MODES), example: 0 })
  readonly selection_mode!: SelectionMode;
  @ApiProperty({ example: 5 })
  readonly total_keys!: number;
  /** Cooling keys count as enabled. */
  @ApiProperty({ example: 4 })
  readonly enabled_keys!: number;
  @ApiProperty({ example: 1 })
  readonly disabled_keys!: number;
  @ApiProperty({ example: 1 })
  readonly manually_disabled_keys!: number;
  @ApiProperty({ example: 0 })
  readonly auto_disabled_keys!: number;
  /** At this moment, however short their rest is. */
  @ApiProperty({ example: 0 })
  readonly cooling_keys!: number;
  /** The share of keys that can be used now, whatever the model: 0 to 1. */
  @ApiProperty({ example: 0.8 })
  readonly healthy_ratio!: number;
  /** By `healthy_ratio`: excellent from 0.8 on, good from 0.6, fair from 0.4, poor above 0, critical at 0. */
  @ApiProperty({ enum: OVERALL_HEALTHS, example: 'excellent' })
  readonly overall_health!: OverallHealth;
  readonly keys_health!: HealthOfKeyDto[];
  /** True when there are more keys than listed without `page`. */
  readonly truncated?: boolean;
  /** All keys; only with `page`. */
  readonly total?: number;
  readonly page?: number;
  readonly page_size?: number;
}
