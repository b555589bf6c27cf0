import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import { IsKeyIndex, IsText, MayBeAbsent } from '../common/field-rules';
import { KEY_STATES, type KeyState } from '../keys/key-state';
import { VERDICT_KINDS, type VerdictKind } from '../channels/verdict-kinds';

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

  /** Whether the key becomes what the answer says of it. */
  @MayBeAbsent()
  @IsBoolean()
  @ApiProperty({ required: false, default: false, example: false })
  readonly apply?: boolean;
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
  /** What the answer means; null when it is a good one. `REQUEST` and `KEY_MODEL` are nothing against the key. */
  @ApiProperty({ enum: VERDICT_KINDS, nullable: true, example: null })
  readonly verdict!: VerdictKind | null;
  /** The answer's own code, or one made of its status. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly code!: string | null;
  /** The answer's own words, with keys masked. */
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly message!: string | null;
  /** The state that the key goes to if this is applied; null when nothing changes. */
  @ApiProperty({ enum: KEY_STATES, nullable: true, example: null })
  readonly would_become!: KeyState | null;
  /** Whether it was applied. */
  @ApiProperty({ example: false })
  readonly applied!: boolean;
}
