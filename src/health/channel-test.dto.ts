import { ApiProperty } from '@nestjs/swagger';
import { IsKeyIndex, IsText, MayBeAbsent } from '../common/field-rules';

export class TestChannelDto {
  /** With a model the test is a chat call of one token, without one it lists the models, which costs nothing. */
  @MayBeAbsent()
  @IsText(1, 200)
  @ApiProperty({ required: false, example: undefined })
  readonly model?: string;

  /** The key to test with, whatever its state; left out, the first enabled one. */
  @MayBeAbsent()
  @IsKeyIndex()
  @ApiProperty({ type: 'integer', minimum: 0, required: false, example: 0 })
  readonly key_index?: number;
}

export class ChannelTestDto {
  @ApiProperty({ example: 0 })
  readonly key_index!: number;
  @ApiProperty({ example: 1 })
  readonly key_id!: number;
  /** Masked. */
  @ApiProperty({ example: 'sk-1234...cdef' })
  readonly key!: string;
  /** Whether the upstream answered with a 2xx status. */
  @ApiProperty({ example: true })
  readonly ok!: boolean;
  /** Null when no answer came. */
  @ApiProperty({ type: Number, nullable: true, example: 200 })
  readonly http_status!: number | null;
  @ApiProperty({ example: 312 })
  readonly latency_ms!: number;
  /** Why no answer came; null when one did. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly problem!: string | null;
}
