import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import { MayBeAbsent } from '../common/field-rules';

export class SyncModelsDto {
  /** False only shows what would change. */
  @MayBeAbsent()
  @IsBoolean()
  @ApiProperty({ required: false, default: true, example: true })
  readonly apply?: boolean;
}

export class ModelSyncDto {
  /** What the upstream lists, in its order; names longer than 200 characters are left out. */
  @ApiProperty({ type: [String], example: ['gpt-4o', 'gpt-4o-mini'] })
  readonly models!: readonly string[];
  /** Those of them that the channel did not name. */
  @ApiProperty({ type: [String], example: ['gpt-4o-mini'] })
  readonly added!: readonly string[];
  /** What the channel named and the upstream does not list. */
  @ApiProperty({ type: [String], example: [] })
  readonly removed!: readonly string[];
  /** Whether they are now the channel's models. */
  @ApiProperty({ example: true })
  readonly applied!: boolean;
}
