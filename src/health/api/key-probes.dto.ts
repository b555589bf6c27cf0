import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsIn } from 'class-validator';
import { STATUS, type Status } from '../../channels/status';
import { IsId, IsKeyIndex, IsText, MayBeAbsent } from '../../common/field-rules';
import { IdParam } from '../../common/id.param';
import { unixSeconds } from '../../common/unix-seconds';
import type { ProbeFinding } from '../probe/probe-finding';
import type { ProbeDepth } from '../probe/probe-report';
import { VERDICT_KINDS, type VerdictKind } from '../../channels/verdict-kinds';
import type { KeyTestJob } from './key-test-job';

const MOST_INDICES = 100_000;
const DEPTHS: readonly ProbeDepth[] = ['free', 'call'];
const JOB_STATES: readonly KeyTestJob['state'][] = ['running', 'done', 'cancelled'];

export class RetryKeyDto {
  @IsId()
  readonly channel_id!: number;

  @IsKeyIndex()
  @ApiProperty({ type: 'integer', minimum: 0, example: 2 })
  readonly key_index!: number;
}

export class RetryReportDto {
  @ApiProperty({ example: 2 })
  readonly key_index!: number;
  @ApiProperty({ example: 3 })
  readonly key_id!: number;
  @ApiProperty({ type: Number, nullable: true, example: 200 })
  readonly http_status!: number | null;
  @ApiProperty({ example: 312 })
  readonly latency_ms!: number;
}

/** Which keys to test: those that fit everything that is named; all of the channel when nothing is. */
export class TestKeysDto {
  @MayBeAbsent()
  @IsIn(Object.values(STATUS))
  @ApiProperty({ enum: Object.values(STATUS), required: false, example: 3 })
  readonly status?: Status;

  /** The `disabled_code` of the keys. */
  @MayBeAbsent()
  @IsText(1, 64)
  @ApiProperty({ required: false, example: 'invalid_api_key' })
  readonly code?: string;

  @MayBeAbsent()
  @IsText(1, 40)
  @ApiProperty({ required: false, example: 'batch_1703515200' })
  readonly batch_id?: string;

  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_INDICES)
  @IsKeyIndex({ each: true })
  @ApiProperty({ type: [Number], required: false, example: [0, 1, 2] })
  readonly key_indices?: number[];

  /**
   * `free` lists models, and calls only where that is not possible or tells nothing, as it does of exhausted keys. `call`
   * asks the channel's `test_model`, else its first model, for one token.
   */
  @MayBeAbsent()
  @IsIn(DEPTHS)
  @ApiProperty({ enum: DEPTHS, required: false, default: 'free' })
  readonly depth?: ProbeDepth;

  /** Whether the keys become what is found. */
  @MayBeAbsent()
  @IsBoolean()
  @ApiProperty({ required: false, default: false, example: false })
  readonly apply?: boolean;
}

export class StartedKeyTestDto {
  @ApiProperty({ example: '0f7c4c58-8f5b-4a43-9d0e-0a1f2f0f6f52' })
  readonly job_id!: string;
  /** How many keys fit. */
  @ApiProperty({ example: 5 })
  readonly total!: number;
}

/** The `{id}` of a channel and the `{job_id}` of one of its tests. */
export class KeyTestParam extends IdParam {
  @IsText(1, 64)
  @ApiProperty({ example: '0f7c4c58-8f5b-4a43-9d0e-0a1f2f0f6f52' })
  readonly job_id!: string;
}

export class KeyTestProblemDto {
  @ApiProperty({ example: 2 })
  readonly index!: number;
  /** Masked. */
  @ApiProperty({ example: 'sk-9876...3210' })
  readonly key!: string;
  @ApiProperty({ enum: VERDICT_KINDS, example: 'KEY_DEAD' })
  readonly verdict!: VerdictKind;
  @ApiProperty({ example: 'invalid_api_key' })
  readonly code!: string;
  /** Null when no answer came. */
  @ApiProperty({ type: Number, nullable: true, example: 401 })
  readonly http_status!: number | null;
}

export class KeyTestDto extends StartedKeyTestDto {
  @ApiProperty({ enum: JOB_STATES, example: 'running' })
  readonly state!: KeyTestJob['state'];
  /** Keys that were looked at; those deleted meanwhile are counted here alone. */
  @ApiProperty({ example: 3 })
  readonly done!: number;
  /** Accepted. */
  @ApiProperty({ example: 2 })
  readonly alive!: number;
  /** Invalid, revoked or suspended. */
  @ApiProperty({ example: 1 })
  readonly dead!: number;
  /** Their money or quota is used up. */
  @ApiProperty({ example: 0 })
  readonly exhausted!: number;
  /** Good keys that are asked to wait. */
  @ApiProperty({ example: 0 })
  readonly rate_limited!: number;
  /** Refused without a reason that tells. */
  @ApiProperty({ example: 0 })
  readonly ambiguous!: number;
  /** Nothing was found out: the upstream was in trouble. */
  @ApiProperty({ example: 0 })
  readonly failed!: number;
  /** Unix seconds. */
  @ApiProperty({ example: 1703515200 })
  readonly started_at!: number;
  /** Unix seconds; null as long as it runs. */
  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly finished_at!: number | null;
  /** The first 100 keys that were not accepted. */
  @ApiProperty({ type: () => [KeyTestProblemDto] })
  readonly problems!: readonly KeyTestProblemDto[];
}

export function toRetryReportDto({ key, httpStatus, latencyMs }: ProbeFinding): RetryReportDto {
  return { key_index: key.index, key_id: key.keyId, http_status: httpStatus, latency_ms: latencyMs };
}

export function toKeyTestDto({ counts, problems, finishedAt, ...job }: KeyTestJob): KeyTestDto {
  const { rateLimited, ...others } = counts;
  return {
    job_id: job.id,
    state: job.state,
    total: job.total,
    done: job.done,
    ...others,
    rate_limited: rateLimited,
    started_at: unixSeconds(job.startedAt),
    finished_at: finishedAt && unixSeconds(finishedAt),
    problems: problems.map(({ mask, httpStatus, ...problem }) => ({ ...problem, key: mask, http_status: httpStatus })),
  };
}
