import { ApiProperty } from '@nestjs/swagger';
import { IMPORT_MODES, type ImportMode, type ImportReport } from './key-importer';
import { MOST_PROBLEMS_SHOWN } from './key-list';
import type { SwitchReport } from './key-switch';

export class KeyProblemDto {
  /** From 1 on. */
  @ApiProperty({ example: 3 })
  readonly line!: number;
  @ApiProperty({ example: 'is shorter than 8 characters' })
  readonly reason!: string;
  /** Masked. */
  @ApiProperty({ example: '***t1' })
  readonly key!: string;
}

export class ImportReportDto {
  /** The different valid keys of the list; all of them are in the pool now, new or not. */
  @ApiProperty({ example: 5 })
  readonly imported_count!: number;
  @ApiProperty({ enum: Object.values(IMPORT_MODES), example: 0 })
  readonly mode!: ImportMode;
  @ApiProperty({ example: 'batch_1703515200' })
  readonly batch_id!: string;
  /** Lines that name a key again and, when appending, keys that were in the pool already. */
  @ApiProperty({ example: 0 })
  readonly duplicate_count!: number;
  @ApiProperty({ example: 0 })
  readonly invalid_count!: number;
  /** Keys that were in the pool before an overwrite and stay, with their statistics and notes. */
  @ApiProperty({ example: 0 })
  readonly kept_count!: number;
  /** Keys that an overwrite took out. */
  @ApiProperty({ example: 0 })
  readonly removed_count!: number;
  @ApiProperty({ example: 5 })
  readonly total_keys!: number;
  /** The first 100 invalid lines. */
  @ApiProperty({ type: () => [KeyProblemDto] })
  readonly problems!: readonly KeyProblemDto[];
}

export class ToggleReportDto {
  /** Keys named in the request, each counted once. */
  @ApiProperty({ example: 3 })
  readonly requested!: number;
  /** Keys that changed. */
  @ApiProperty({ example: 3 })
  readonly affected!: number;
  /** Keys that were so already. */
  @ApiProperty({ example: 0 })
  readonly unchanged!: number;
  /** Indices that no key has. */
  @ApiProperty({ type: [Number], example: [] })
  readonly not_found!: number[];
}

export class BatchToggleReportDto {
  @ApiProperty({ example: 'batch_1703515200' })
  readonly batch_id!: string;
  @ApiProperty({ example: 5 })
  readonly affected!: number;
  @ApiProperty({ example: 0 })
  readonly unchanged!: number;
}

export class DeleteReportDto {
  @ApiProperty({ example: 1 })
  readonly deleted!: number;
}

export function toImportReportDto(report: ImportReport, mode: ImportMode): ImportReportDto {
  return {
    imported_count: report.importedCount,
    mode,
    batch_id: report.batch,
    duplicate_count: report.duplicateCount,
    invalid_count: report.problems.length,
    kept_count: report.keptCount,
    removed_count: report.removedCount,
    total_keys: report.totalKeys,
    problems: report.problems.slice(0, MOST_PROBLEMS_SHOWN),
  };
}

export function toToggleReportDto({ found, affected, unchanged, notFound }: SwitchReport): ToggleReportDto {
  return { requested: found + notFound.length, affected, unchanged, not_found: [...notFound] };
}
