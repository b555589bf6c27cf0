import { ApiProperty, PartialType } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { IsQueryInteger, IsText, MayBeAbsent } from '../common/field-rules';
import { unixSeconds } from '../common/unix-seconds';
import { BUDGET_PERIODS, type BudgetPeriod } from './budget-period';
import type { Token } from './token.entity';
import type { PeriodSpend } from './token-budget';

const NEVER = -1;
const LATEST_EXPIRY = 253_402_300_799;
const MOST_REQUESTS_PER_MINUTE = 60_000;
const MOST_CONCURRENT_REQUESTS = 10_000;

export class CreateTokenDto {
  /** Name shown to admins. */
  @IsText(1, 200)
  @ApiProperty({ example: 'my-app' })
  readonly name!: string;

  /** Models that the token may use; empty: any. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(1000)
  @IsText(1, 200, { each: true })
  @ApiProperty({ type: [String], required: false, example: [] })
  readonly models?: string[];

  /** Channels that the token may use; empty: any. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(1000)
  @IsInt({ each: true })
  @Min(1, { each: true })
  @Max(Number.MAX_SAFE_INTEGER, { each: true })
  @ApiProperty({ type: [Number], required: false, example: [] })
  readonly channel_ids?: number[];

  /** Unix seconds from which on the token is refused; -1: never. */
  @MayBeAbsent()
  @IsInt()
  @Min(NEVER)
  @Max(LATEST_EXPIRY)
  @ApiProperty({ default: NEVER, required: false, example: NEVER })
  readonly expired_time?: number;

  /** Requests that may start within any 60 seconds; null or absent: any number. Each instance of Keymux counts for itself. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MOST_REQUESTS_PER_MINUTE)
  @ApiProperty({ type: 'integer', nullable: true, required: false, example: 600 })
  readonly requests_per_minute?: number | null;

  /** Requests that may be in flight at once; null or absent: any number. Each instance of Keymux counts for itself. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MOST_CONCURRENT_REQUESTS)
  @ApiProperty({ type: 'integer', nullable: true, required: false, example: 20 })
  readonly concurrent_requests?: number | null;

  /** Requests that upstreams may serve in each budget period; null or absent: any number. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  @ApiProperty({ type: 'integer', nullable: true, required: false, example: 10_000 })
  readonly max_requests?: number | null;

  /** Tokens that may be read and written in each budget period; null or absent: any number. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  @ApiProperty({ type: 'integer', nullable: true, required: false, example: 5_000_000 })
  readonly max_tokens?: number | null;

  /** What `max_requests` and `max_tokens` are for: all time, each day or each calendar month (UTC). */
  @MayBeAbsent()
  @IsIn(BUDGET_PERIODS)
  @ApiProperty({ enum: BUDGET_PERIODS, default: 'total', required: false })
  readonly budget_period?: BudgetPeriod;
}

/** Only what is sent changes. */
export class UpdateTokenDto extends PartialType(CreateTokenDto, { skipNullProperties: false }) {
  /** 1 enables the token, 2 disables it. */
  @MayBeAbsent()
  @IsIn([1, 2])
  @ApiProperty({ enum: [1, 2], required: false })
  readonly status?: 1 | 2;
}

export class ListTokensDto {
  @IsQueryInteger(1, 1_000_000)
  readonly page: number = 1;

  @IsQueryInteger(1, 1000)
  readonly page_size: number = 20;
}

export class TokenDto {
  @ApiProperty({ example: 1 })
  readonly id!: number;
  @ApiProperty({ example: 'my-app' })
  readonly name!: string;
  /** Masked; the token itself is shown once, when it is made. */
  @ApiProperty({ example: 'sk-km-...wXyZ' })
  readonly key!: string;
  /** 1 enabled, 2 disabled. */
  @ApiProperty({ enum: [1, 2], example: 1 })
  readonly status!: 1 | 2;
  @ApiProperty({ type: [String], example: [] })
  readonly models!: string[];
  @ApiProperty({ type: [Number], example: [] })
  readonly channel_ids!: number[];
  /** Unix seconds; -1: never. */
  @ApiProperty({ example: NEVER })
  readonly expired_time!: number;
  /** Null: any number. */
  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly requests_per_minute!: number | null;
  /** Null: any number. */
  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly concurrent_requests!: number | null;
  /** Null: any number. */
  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly max_requests!: number | null;
  /** Null: any number. */
  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly max_tokens!: number | null;
  @ApiProperty({ enum: BUDGET_PERIODS, example: 'total' })
  readonly budget_period!: BudgetPeriod;
  /** Requests that upstreams served in the current budget period, as of a few seconds ago. */
  @ApiProperty({ example: 0 })
  readonly used_requests!: number;
  /** Tokens read and written in the current budget period, as of a few seconds ago. */
  @ApiProperty({ example: 0 })
  readonly used_tokens!: number;
  /** Unix seconds. */
  @ApiProperty({ example: 1703515200 })
  readonly created_at!: number;
}

/** The one answer that holds the token itself. */
export class CreatedTokenDto extends TokenDto {
  /** Shown this once. */
  @ApiProperty({ example: 'sk-km-0123456789abcdefghijABCDEFGHIJ012345' })
  declare readonly key: string;
}

export class TokenPageDto {
  readonly items!: TokenDto[];
  @ApiProperty({ example: 1 })
  readonly total!: number;
  @ApiProperty({ example: 1 })
  readonly page!: number;
  @ApiProperty({ example: 20 })
  readonly page_size!: number;
}

export function toTokenDto(token: Token, spent: PeriodSpend | null): TokenDto {
  return {
    id: token.id,
    name: token.name,
    key: `sk-km-...${token.last4}`,
    status: token.status,
    models: token.models,
    channel_ids: token.channelIds,
    expired_time: token.expiresAt ? unixSeconds(token.expiresAt) : NEVER,
    requests_per_minute: token.requestsPerMinute,
    concurrent_requests: token.concurrentRequests,
    max_requests: token.maxRequests,
    max_tokens: token.maxTokens,
    budget_period: token.budgetPeriod,
    used_requests: spent?.requests ?? 0,
    used_tokens: spent?.tokens ?? 0,
    created_at: unixSeconds(token.createdAt),
  };
}

export function expiryOf(expired_time: number): Date | null {
  return expired_time === NEVER ? null : new Date(expired_time * 1000);
}
