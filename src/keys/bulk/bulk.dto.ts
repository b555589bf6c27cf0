import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsObject, IsUUID, ValidateNested } from 'class-validator';
import { STATUS, type Status } from '../../channels/status';
import { IsId, MayBeAbsent } from '../../common/field-rules';
import { unixSeconds } from '../../common/unix-seconds';
import { KEY_STATES, type KeyState } from '../key-state';
import { SWITCH_ACTIONS, type SwitchAction } from '../key-switch';
import { BULK_ACTIONS, type BulkAction } from './bulk-action';
import type { BulkReport } from './bulk-changes';
import type { UndoReport } from './bulk-undo';
import { KeyFilterDto } from './key-filter.dto';
import type { KeySurvey, SampledKey } from './matching-keys.repository';

export class BulkKeysDto {
  @IsId()
  readonly channel_id!: number;

  /** Must not be empty: `{"all": true}` means every key of the channel. */
  @IsObject()
  @ValidateNested()
  @Type(() => KeyFilterDto)
  @ApiProperty({ type: () => KeyFilterDto })
  readonly filter!: KeyFilterDto;

  @IsIn(BULK_ACTIONS)
  @ApiProperty({ enum: BULK_ACTIONS, example: 'disable' })
  readonly action!: BulkAction;

  /** True: say what would happen, and change nothing. */
  @MayBeAbsent()
  @IsBoolean()
  @ApiProperty({ default: false, required: false, example: true })
  readonly dry_run?: boolean;
}

export class UndoKeysDto {
  /** From the answer to the bulk action. */
  @IsUUID()
  @ApiProperty({ format: 'uuid', example: '7b0f5a3e-6a0e-4f8e-9a53-0d6f0c1f2b11' })
  readonly operation_id!: string;
}

/** A key that matched, as it was before the action. */
export class SampledKeyDto {
  /** Its place in the channel, from 0 on. */
  @ApiProperty({ example: 2 })
  readonly index!: number;
  /** Stays with the key, whatever its index. */
  @ApiProperty({ example: 3 })
  readonly key_id!: number;
  /** Masked. */
  @ApiProperty({ example: 'sk-9876...dcba' })
  readonly key!: string;
  /** 1 enabled, 2 disabled by hand, 3 disabled automatically. */
  @ApiProperty({ enum: Object.values(STATUS), example: 3 })
  readonly status!: Status;
  /** What lies behind the status. */
  @ApiProperty({ enum: KEY_STATES, example: 'dead' })
  readonly state!: KeyState;
  /** Why it is in that state, as `disabled_code` shows it; null where nobody said why. */
  @ApiProperty({ type: String, nullable: true, example: 'invalid_api_key' })
  readonly code!: string | null;
  /** The upstream's status for which it is in that state; null when there was none. */
  @ApiProperty({ type: Number, nullable: true, example: 401 })
  readonly http_status!: number | null;
}

export class BulkReportDto {
  @ApiProperty({ enum: BULK_ACTIONS, example: 'disable' })
  readonly action!: BulkAction;
  @ApiProperty({ example: false })
  readonly dry_run!: boolean;
  /** Keys that fit the filter. */
  @ApiProperty({ example: 12 })
  readonly matched!: number;
  /** Keys that changed, or would change. */
  @ApiProperty({ example: 12 })
  readonly affected!: number;
  /** Keys that were so already. */
  @ApiProperty({ example: 0 })
  readonly unchanged!: number;
  /** The first 10 keys that fit the filter. */
  @ApiProperty({ type: () => [SampledKeyDto] })
  readonly sample!: SampledKeyDto[];
  /** With it the action can be undone; null when nothing changed. */
  @ApiProperty({ type: String, format: 'uuid', nullable: true, example: '7b0f5a3e-6a0e-4f8e-9a53-0d6f0c1f2b11' })
  readonly operation_id!: string | null;
  /** Unix seconds. */
  @ApiProperty({ type: Number, nullable: true, example: 1703515800 })
  readonly undo_until!: number | null;
  /** Of the action `test`: the job that tests the keys. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly job_id!: string | null;
}

export class UndoReportDto {
  @ApiProperty({ format: 'uuid', example: '7b0f5a3e-6a0e-4f8e-9a53-0d6f0c1f2b11' })
  readonly operation_id!: string;
  /** What was undone. */
  @ApiProperty({ enum: SWITCH_ACTIONS, example: 'disable' })
  readonly action!: SwitchAction;
  /** Keys that are now what they were. */
  @ApiProperty({ example: 12 })
  readonly restored!: number;
  /** Keys that changed after the operation and were left alone. */
  @ApiProperty({ example: 0 })
  readonly changed_since!: number;
}

/** What an action set going. */
interface BulkOutcome {
  readonly operation?: BulkReport['operation'];
  readonly jobId?: string;
}

export function toBulkReportDto(
  { action, dry_run = false }: BulkKeysDto,
  { matched, affected, sample }: KeySurvey,
  { operation = null, jobId }: BulkOutcome = {},
): BulkReportDto {
  return {
    action,
    dry_run,
    matched,
    affected,
    unchanged: matched - affected,
    sample: sample.map(toSampledKeyDto),
    operation_id: operation?.id ?? null,
    undo_until: operation && unixSeconds(operation.expiresAt),
    job_id: jobId ?? null,
  };
}

export function toUndoReportDto(operationId: string, { action, restored, changedSince }: UndoReport): UndoReportDto {
  return { operation_id: operationId, action, restored, changed_since: changedSince };
}

function toSampledKeyDto({ position, id, mask, http, ...key }: SampledKey): SampledKeyDto {
  return { index: position, key_id: id, key: mask, ...key, http_status: http };
}
