import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsOptional } from 'class-validator';
import { SELECTION_MODES, type SelectionMode } from '../channels/selection-mode';
import { STATUS, type Status } from '../channels/status';
import { IsQueryInteger, IsText } from '../common/field-rules';
import { KeyDto } from './key.dto';

export class ListKeysDto {
  /** From 1 on; without it all keys are listed, at most 10,000. */
  @IsQueryInteger(1, 10_000_000)
  readonly page?: number;

  @IsQueryInteger(1, 1000)
  readonly page_size: number = 100;

  /** 1 enabled, 2 disabled by hand, 3 disabled automatically. */
  @IsOptional()
  @Type(() => Number)
  @IsIn(Object.values(STATUS))
  @ApiProperty({ enum: Object.values(STATUS), required: false })
  readonly status?: Status;

  @IsOptional()
  @IsText(0, 40)
  readonly batch_id?: string;

  /** Part of a mask or note. */
  @IsOptional()
  @IsText(0, 512)
  readonly q?: string;
}

export class KeyDetailsDto {
  @ApiProperty({ example: 1 })
  readonly channel_id!: number;
  @ApiProperty({ example: 'GPT-4聚合渠道' })
  readonly channel_name!: string;
  @ApiProperty({ example: true })
  readonly is_multi_key!: boolean;
  @ApiProperty({ enum: Object.values(SELECTION_MODES), example: 0 })
  readonly selection_mode!: SelectionMode;
  /** All keys of the channel, whatever the filter. */
  @ApiProperty({ example: 5 })
  readonly total_keys!: number;
  readonly keys!: KeyDto[];
  /** True when there are more keys than listed without `page`. */
  readonly truncated?: boolean;
  /** Keys that match the filter; only with `page`. */
  readonly total?: number;
  readonly page?: number;
  readonly page_size?: number;
}

export class KeyStatsDto {
  @ApiProperty({ example: 5 })
  readonly total_keys!: number;
  /** Cooling keys count as enabled. */
  @ApiProperty({ example: 4 })
  readonly enabled_keys!: number;
  @ApiProperty({ example: 1 })
  readonly disabled_keys!: number;
  @ApiProperty({ example: true })
  readonly is_multi_key!: boolean;
  @ApiProperty({ enum: Object.values(SELECTION_MODES), example: 0 })
  readonly selection_mode!: SelectionMode;
  @ApiProperty({ example: 1 })
  readonly manually_disabled_keys!: number;
  @ApiProperty({ example: 0 })
  readonly auto_disabled_keys!: number;
  @ApiProperty({ example: 0 })
  readonly cooling_keys!: number;
}

export class BatchDto {
  @ApiProperty({ example: 'batch_1703515200' })
  readonly batch_id!: string;
  /** Keys that the import gave to this batch: new ones, and with overwrite also those that stayed. */
  @ApiProperty({ example: 5 })
  readonly imported_count!: number;
  /** Unix seconds. */
  @ApiProperty({ example: 1703515200 })
  readonly created_at!: number;
}

export class BatchListDto {
  /** The newest first, at most 100. */
  readonly items!: BatchDto[];
}
