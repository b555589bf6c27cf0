import { Type } from 'class-transformer';
import { IsId } from './field-rules';

/** The `{id}` of a path. */
export class IdParam {
  @Type(() => Number)
  @IsId()
  readonly id!: number;
}
