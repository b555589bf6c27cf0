import { ApiProperty } from '@nestjs/swagger';
import { VERDICT_KINDS } from '../../channels/verdict-kinds';
import { END_REASONS, type EndReason } from '../request-record';

export class LoggedAttemptDto {
  @ApiProperty({ example: 1 })
  readonly channel_id!: number;
  @ApiProperty({ example: 1 })
  readonly key_id!: number;
  @ApiProperty({ example: 0 })
  readonly key_index!: number;
  /** HTTP status of the upstream's answer; 0 when it gave none. */
  @ApiProperty({ example: 429 })
  readonly status!: number;
  /** What a failure was taken for; null when there was none, or none that is the upstream's. */
  @ApiProperty({ type: String, enum: VERDICT_KINDS, nullable: true, example: 'KEY_RATE' })
  readonly verdict!: string | null;
  @ApiProperty({ example: 210 })
  readonly duration_ms!: number;
}

/** One request that reached an upstream. */
export class LoggedRequestDto {
  @ApiProperty({ example: 1042 })
  readonly id!: number;
  /** As `x-request-id` named it to the client. */
  @ApiProperty({ example: '7b0f5a3e-6a0e-4f8e-9a53-0d6f0c1f2b11' })
  readonly request_id!: string;
  /** Unix seconds at which it started. */
  @ApiProperty({ example: 1703515200 })
  readonly created_at!: number;
  @ApiProperty({ example: 1 })
  readonly token_id!: number;
  /** As it was then; null when the token was deleted meanwhile. */
  @ApiProperty({ type: String, nullable: true, example: 'my-app' })
  readonly token_name!: string | null;
  /** Of the last attempt, as are the next three; null when there was none. */
  @ApiProperty({ type: Number, nullable: true, example: 1 })
  readonly channel_id!: number | null;
  @ApiProperty({ type: Number, nullable: true, example: 2 })
  readonly key_id!: number | null;
  @ApiProperty({ type: Number, nullable: true, example: 1 })
  readonly key_index!: number | null;
  /** Masked; also of a key that was deleted since. */
  @ApiProperty({ type: String, nullable: true, example: 'sk-1234...cdef' })
  readonly key!: string | null;
  /** As the client asked for it. */
  @ApiProperty({ example: 'gpt-4o' })
  readonly model!: string;
  /** As the last attempt asked the upstream for it. */
  @ApiProperty({ type: String, nullable: true, example: 'gpt-4o-2024-08-06' })
  readonly model_sent!: string | null;
  @ApiProperty({ example: '/v1/chat/completions' })
  readonly path!: string;
  @ApiProperty({ example: true })
  readonly stream!: boolean;
  /** HTTP status of our answer; 499 where the client left before there was one. */
  @ApiProperty({ example: 200 })
  readonly status!: number;
  @ApiProperty({ enum: END_REASONS, example: 'done' })
  readonly end_reason!: EndReason;
  @ApiProperty({ type: Number, nullable: true, example: 12 })
  readonly prompt_tokens!: number | null;
  @ApiProperty({ type: Number, nullable: true, example: 34 })
  readonly completion_tokens!: number | null;
  /** The part of the prompt that came from a cache. */
  @ApiProperty({ type: Number, nullable: true, example: 0 })
  readonly cached_tokens!: number | null;
  /** The upstream did not say what it took: the tokens are estimated. */
  @ApiProperty({ example: false })
  readonly is_estimated!: boolean;
  @ApiProperty({ example: 950 })
  readonly duration_ms!: number;
  /** Until the first byte of the answer; null when none came. */
  @ApiProperty({ type: Number, nullable: true, example: 480 })
  readonly ttft_ms!: number | null;
  /** In their order. */
  @ApiProperty({ type: () => [LoggedAttemptDto] })
  readonly attempts!: LoggedAttemptDto[];
}

export class LogPageDto {
  /** The newest first. */
  @ApiProperty({ type: () => [LoggedRequestDto] })
  readonly items!: LoggedRequestDto[];
  /** Ask for the next page with this as `after_id`; null when there is none. */
  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly next_after_id!: number | null;
}
