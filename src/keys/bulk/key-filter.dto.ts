import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsInt, Max, Min } from 'class-validator';
import { STATUS, type Status } from '../../channels/status';
import { IsKeyIndex, IsText, MayBeAbsent } from '../../common/field-rules';
import { KEY_STATES, type KeyState } from '../key-state';

const MOST_INDICES = 100_000;
const END_OF_YEAR_9999 = 253_402_300_799;

function IsUnixSeconds(): PropertyDecorator {
  return applyDecorators(
    IsInt(),
    Min(0),
    Max(END_OF_YEAR_9999),
    ApiProperty({ type: 'integer', minimum: 0, required: false, example: 1703515200 }),
  );
}

/** Which keys of a channel are meant: those that fit every field sent. */
export class KeyFilterDto {
  /** Every key of the channel; no other field goes with it. */
  @MayBeAbsent()
  @IsIn([true])
  @ApiProperty({ type: Boolean, enum: [true], required: false, example: undefined })
  readonly all?: true;

  /** 1 enabled, 2 disabled by hand, 3 disabled automatically. */
  @MayBeAbsent()
  @IsIn(Object.values(STATUS))
  @ApiProperty({ enum: Object.values(STATUS), required: false, example: 3 })
  readonly status?: Status;

  @MayBeAbsent()
  @IsIn(KEY_STATES)
  @ApiProperty({ enum: KEY_STATES, required: false, example: 'dead' })
  readonly state?: KeyState;

  /** Why the key is in its state, as `disabled_code` shows it. */
  @MayBeAbsent()
  @IsText(1, 64)
  @ApiProperty({ required: false, example: 'invalid_api_key' })
  readonly code?: string;

  /** The upstream's status for which the key is in its state. */
  @MayBeAbsent()
  @IsInt()
  @Min(100)
  @Max(599)
  @ApiProperty({ type: 'integer', minimum: 100, maximum: 599, required: false, example: 401 })
  readonly http_status?: number;

  @MayBeAbsent()
  @IsText(1, 40)
  @ApiProperty({ required: false, example: 'batch_1703515200' })
  readonly batch_id?: string;

  /** Unix seconds: the key has been in its state since then, or since later. */
  @MayBeAbsent()
  @IsUnixSeconds()
  readonly reason_since?: number;

  /** Unix seconds: the key was in its state before. */
  @MayBeAbsent()
  @IsUnixSeconds()
  readonly reason_before?: number;

  /** Unix seconds: last used before then, or never. */
  @MayBeAbsent()
  @IsUnixSeconds()
  readonly used_before?: number;

  /** Part of a mask or note. */
  @MayBeAbsent()
  @IsText(1, 512)
  @ApiProperty({ required: false, example: 'team A' })
  readonly q?: string;

  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_INDICES)
  @IsKeyIndex({ each: true })
  @ApiProperty({ type: [Number], required: false, example: [3, 4, 5] })
  readonly key_indices?: number[];
}
