import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsIn, IsNumber, IsString, Max, Min } from 'class-validator';
import { STATUS, type Status } from '../channels/status';
import { IsId, IsKeyIndex, IsText, MayBeAbsent } from '../common/field-rules';
import { IMPORT_MODES, type ImportMode } from './key-importer';

const MOST_KEYS = 1_000_000;
const MOST_INDICES = 100_000;
const LARGEST_BALANCE = 1e13;

/** Five made-up keys, as in the quick start. */
const EXAMPLE_KEYS = [
  'sk-1234567890abcdef1234567890abcdef',
  'sk-abcdef1234567890abcdef1234567890',
  'sk-9876543210fedcba9876543210fedcba',
  'sk-fedcba0987654321fedcba0987654321',
  'sk-1111222233334444555566667777888',
];

export class ImportKeysDto {
  @IsId()
  readonly channel_id!: number;

  /** One key an entry; white space, quotes and a `Bearer ` prefix around it are stripped, blanks dropped. */
  @IsArray()
  @ArrayMaxSize(MOST_KEYS)
  @IsString({ each: true })
  @ApiProperty({ type: [String], writeOnly: true, example: EXAMPLE_KEYS })
  readonly keys!: string[];

  /** 0 overwrites: keys that are not in the list are deleted. 1 appends. */
  @IsIn(Object.values(IMPORT_MODES))
  @ApiProperty({ enum: Object.values(IMPORT_MODES), example: 0 })
  readonly mode!: ImportMode;
}

export class ToggleKeyDto {
  @IsId()
  readonly channel_id!: number;

  /** Either this or `key_id`. */
  @MayBeAbsent()
  @IsKeyIndex()
  @ApiProperty({ type: 'integer', minimum: 0, required: false, example: 2 })
  readonly key_index?: number;

  /** Either this or `key_index`. */
  @MayBeAbsent()
  @IsId()
  @ApiProperty({ type: 'integer', minimum: 1, required: false, example: undefined })
  readonly key_id?: number;

  @IsBoolean()
  @ApiProperty({ example: false })
  readonly enabled!: boolean;
}

export class BatchToggleDto {
  @IsId()
  readonly channel_id!: number;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_INDICES)
  @IsKeyIndex({ each: true })
  @ApiProperty({ type: [Number], example: [3, 4, 5] })
  readonly key_indices!: number[];

  @IsBoolean()
  @ApiProperty({ example: false })
  readonly enabled!: boolean;
}

export class ToggleByBatchDto {
  @IsId()
  readonly channel_id!: number;

  @IsText(1, 40)
  @ApiProperty({ example: 'batch_1703515200' })
  readonly batch_id!: string;

  @IsBoolean()
  @ApiProperty({ example: true })
  readonly enabled!: boolean;
}

export class DeleteKeysDto {
  @IsId()
  readonly channel_id!: number;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_INDICES)
  @IsKeyIndex({ each: true })
  @ApiProperty({ type: [Number], example: [4] })
  readonly key_indices!: number[];
}

export class DeleteDisabledDto {
  @IsId()
  readonly channel_id!: number;

  /** 3: keys disabled automatically; 2: those disabled by hand. */
  @MayBeAbsent()
  @IsIn([STATUS.disabledByHand, STATUS.disabledAutomatically])
  @ApiProperty({ enum: [STATUS.disabledByHand, STATUS.disabledAutomatically], default: 3, required: false })
  readonly status?: Status;
}

export class EditKeyDto {
  @IsId()
  readonly channel_id!: number;

  @IsKeyIndex()
  @ApiProperty({ type: 'integer', minimum: 0, example: 0 })
  readonly key_index!: number;

  @MayBeAbsent()
  @IsText(0, 500)
  @ApiProperty({ required: false, example: 'team A' })
  readonly note?: string;

  @MayBeAbsent()
  @IsNumber()
  @Min(-LARGEST_BALANCE)
  @Max(LARGEST_BALANCE)
  @ApiProperty({ required: false, example: 100.5 })
  readonly balance?: number;
}
