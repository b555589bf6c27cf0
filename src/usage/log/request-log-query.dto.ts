import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { IsQueryInteger, IsText, MayBeAbsent } from '../../common/field-rules';
import { END_REASONS, type EndReason } from '../request-record';

const END_OF_YEAR_9999 = 253_402_300_799;

const EXPORT_FORMATS = ['csv', 'ndjson'] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Which requests of the log are wanted; what is left out narrows nothing. */
class LogFilterDto {
  /** Of the last attempt, as is `key_id`. */
  @IsQueryInteger(1, Number.MAX_SAFE_INTEGER)
  readonly channel_id?: number;

  @IsQueryInteger(1, Number.MAX_SAFE_INTEGER)
  readonly key_id?: number;

  @IsQueryInteger(1, Number.MAX_SAFE_INTEGER)
  readonly token_id?: number;

  /** As the client asked for it; empty: requests that named none. */
  @MayBeAbsent()
  @IsText(0, 200)
  @ApiProperty({ required: false, example: 'gpt-4o' })
  readonly model?: string;

  /** HTTP status of our answer; 499 where the client left before there was one. */
  @IsQueryInteger(0, 999)
  readonly status?: number;

  @MayBeAbsent()
  @IsIn(END_REASONS)
  @ApiProperty({ enum: END_REASONS, required: false })
  readonly end_reason?: EndReason;

  /** Unix seconds; requests that started then or later. */
  @IsQueryInteger(0, END_OF_YEAR_9999)
  readonly from?: number;

  /** Unix seconds; requests that started before. */
  @IsQueryInteger(0, END_OF_YEAR_9999)
  readonly to?: number;

  /** Only what comes after this item: `next_after_id` of the page before, or the last `id` of an export. */
  @IsQueryInteger(1, Number.MAX_SAFE_INTEGER)
  readonly after_id?: number;
}

export class ListLogDto extends LogFilterDto {
  @IsQueryInteger(1, 1000)
  readonly limit: number = 50;
}

export class ExportLogDto extends LogFilterDto {
  @MayBeAbsent()
  @IsIn(EXPORT_FORMATS)
  @ApiProperty({ enum: EXPORT_FORMATS, required: false, default: 'csv' })
  readonly format: ExportFormat = 'csv';

  @IsQueryInteger(1, 1_000_000)
  readonly limit: number = 1_000_000;
}

/** The `{request_id}` of a path. */
export class RequestIdParam {
  @IsText(1, 64)
  readonly request_id!: string;
}
