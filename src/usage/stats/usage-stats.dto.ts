import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { STATUS, type Status } from '../../channels/status';
import { IsQueryInteger, MayBeAbsent } from '../../common/field-rules';
import {
  STATS_GROUPS,
  STATS_INTERVALS,
  STATS_ORDERS,
  type StatsGroup,
  type StatsInterval,
  type StatsOrder,
} from './stats-criteria';

const END_OF_YEAR_9999 = 253_402_300_799;

export class UsageStatsQueryDto {
  @IsIn(STATS_GROUPS)
  @ApiProperty({ enum: STATS_GROUPS })
  readonly group_by!: StatsGroup;

  /** Unix seconds; the whole hour that holds them counts. Left out: 24 hours before `to`. */
  @IsQueryInteger(0, END_OF_YEAR_9999)
  readonly from?: number;

  /** Unix seconds; the hour that they begin counts no more, one that they cut counts whole. Left out: now. */
  @IsQueryInteger(0, END_OF_YEAR_9999)
  readonly to?: number;

  /** Splits each group into hours or days (UTC). */
  @MayBeAbsent()
  @IsIn(STATS_INTERVALS)
  @ApiProperty({ enum: STATS_INTERVALS, required: false })
  readonly interval?: StatsInterval;

  /** What the groups are ordered by, the largest first. */
  @MayBeAbsent()
  @IsIn(STATS_ORDERS)
  @ApiProperty({ enum: STATS_ORDERS, required: false, default: 'requests' })
  readonly order_by: StatsOrder = 'requests';

  /** Counts this channel alone. */
  @IsQueryInteger(1, Number.MAX_SAFE_INTEGER)
  readonly channel_id?: number;

  /** The most groups; with `interval` each has several rows. */
  @IsQueryInteger(1, 1000)
  readonly limit: number = 100;
}

/** What one group did, or within one interval of it. */
export class UsageStatsRowDto {
  /** By channel, key and batch; 0 stands for requests that came to no attempt. */
  @ApiPropertyOptional({ example: 1 })
  readonly channel_id?: number;
  @ApiPropertyOptional({ type: String, nullable: true, example: 'GPT-4聚合渠道' })
  readonly channel_name?: string | null;
  /** By key; 0 stands for requests that came to no attempt. */
  @ApiPropertyOptional({ example: 2 })
  readonly key_id?: number;
  @ApiPropertyOptional({ type: Number, nullable: true, example: 1 })
  readonly key_index?: number | null;
  /** Masked; also of a key that was deleted since. */
  @ApiPropertyOptional({ type: String, nullable: true, example: 'sk-1234...cdef' })
  readonly key?: string | null;
  /** The key's, now; null when it was deleted since. */
  @ApiPropertyOptional({ enum: Object.values(STATUS), nullable: true, example: 1 })
  readonly status?: Status | null;
  /** By key: whether it was deleted since. */
  @ApiPropertyOptional({ example: false })
  readonly deleted?: boolean;
  /** By batch, and by key the batch that it belongs to now. */
  @ApiPropertyOptional({ type: String, nullable: true, example: 'batch_1703515200' })
  readonly batch_id?: string | null;
  @ApiPropertyOptional({ example: 1 })
  readonly token_id?: number;
  /** Null when the token was deleted since. */
  @ApiPropertyOptional({ type: String, nullable: true, example: 'my-app' })
  readonly token_name?: string | null;
  /** As clients asked for it. */
  @ApiPropertyOptional({ example: 'gpt-4o' })
  readonly model?: string;
  /** Keys that belong to the batch now, as in the next five, deleted ones too. */
  @ApiPropertyOptional({ example: 5 })
  readonly keys?: number;
  /** Cooling keys count as enabled. */
  @ApiPropertyOptional({ example: 4 })
  readonly enabled_keys?: number;
  @ApiPropertyOptional({ example: 0 })
  readonly manually_disabled_keys?: number;
  @ApiPropertyOptional({ example: 1 })
  readonly auto_disabled_keys?: number;
  @ApiPropertyOptional({ example: 0 })
  readonly deleted_keys?: number;
  /** The share of `keys` that is enabled: 0 to 1. */
  @ApiPropertyOptional({ example: 0.8 })
  readonly survival?: number;
  /** Unix seconds at which the interval begins; null without one. */
  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly at!: number | null;
  /** Requests whose last attempt was made here; tokens and duration are theirs. */
  @ApiProperty({ example: 120 })
  readonly requests!: number;
  /** Tries at an upstream; the next six are parts of them. */
  @ApiProperty({ example: 127 })
  readonly attempts!: number;
  @ApiProperty({ example: 118 })
  readonly ok!: number;
  /** Verdict `KEY_RATE`. */
  @ApiProperty({ example: 7 })
  readonly rate_limited!: number;
  /** Verdict `KEY_EXHAUSTED`. */
  @ApiProperty({ example: 0 })
  readonly exhausted!: number;
  /** Verdicts `KEY_DEAD`, `KEY_MODEL` and `AMBIGUOUS`. */
  @ApiProperty({ example: 0 })
  readonly refused!: number;
  /** Verdicts `CHANNEL` and `HOST`. */
  @ApiProperty({ example: 1 })
  readonly upstream_errors!: number;
  /** The request's own fault, or the client left. */
  @ApiProperty({ example: 1 })
  readonly other_errors!: number;
  @ApiProperty({ example: 14200 })
  readonly prompt_tokens!: number;
  @ApiProperty({ example: 38100 })
  readonly completion_tokens!: number;
  /** The part of the prompts that came from a cache. */
  @ApiProperty({ example: 0 })
  readonly cached_tokens!: number;
  /** Of a request, from its start to its end; null when there was none. */
  @ApiProperty({ type: Number, nullable: true, example: 950 })
  readonly mean_duration_ms!: number | null;
}

export class UsageStatsDto {
  /** Unix seconds, at a whole hour. */
  @ApiProperty({ example: 1703512800 })
  readonly from!: number;
  /** Unix seconds, at a whole hour: the first that does not count. */
  @ApiProperty({ example: 1703599200 })
  readonly to!: number;
  /** The groups in the order asked for; with `interval` the rows of each in the order of time, empty ones left out. */
  @ApiProperty({ type: () => [UsageStatsRowDto] })
  readonly items!: UsageStatsRowDto[];
  /** True when there are more than 10,000 rows: ask for fewer groups, or a shorter time. */
  readonly truncated?: boolean;
}
