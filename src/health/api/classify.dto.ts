import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, Max, Min, ValidateBy } from 'class-validator';
import { VERDICT_KINDS, type VerdictKind } from '../../channels/verdict-kinds';
import { isText, IsText, MayBeAbsent } from '../../common/field-rules';
import { KEY_STATES, type KeyState } from '../../keys/key-state';

const MOST_HEADERS = 100;
const LONGEST_HEADER = 4_000;
const LONGEST_BODY = 65_536;

/** An object of header names and texts. */
function IsHeaders(): PropertyDecorator {
  return ValidateBy({
    name: 'isHeaders',
    validator: {
      validate: isHeaders,
      defaultMessage: () => `$property must be an object of at most ${MOST_HEADERS} names and texts`,
    },
  });
}

function isHeaders(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const texts = Object.values(value);
  return texts.length <= MOST_HEADERS && texts.every((text) => isText(text, 0, LONGEST_HEADER));
}

export class ClassifyDto {
  /** The HTTP status of the upstream's answer. */
  @IsInt()
  @Min(100)
  @Max(599)
  @ApiProperty({ type: 'integer', minimum: 100, maximum: 599, example: 429 })
  readonly status!: number;

  /** Names in any case, and texts. */
  @MayBeAbsent()
  @Transform(({ obj }: { obj: { headers?: unknown } }) => obj.headers)
  @IsHeaders()
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    selfRequired: false,
    example: { 'content-type': 'application/json', 'retry-after': '20' },
  })
  readonly headers?: Readonly<Record<string, string>>;

  /** The answer's body, as it came. */
  @MayBeAbsent()
  @IsText(0, LONGEST_BODY)
  @ApiProperty({
    required: false,
    example: '{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}',
  })
  readonly body?: string;
}

/** What becomes of a key that gets the answer for the first time. */
export class ClassifiedEffectDto {
  /** Null: the key stays what it is. */
  @ApiProperty({ enum: KEY_STATES, nullable: true, example: 'cooling' })
  readonly state!: KeyState | null;
  /** Whether it rests for the one model that was asked for, and serves the others. */
  @ApiProperty({ example: true })
  readonly for_one_model!: boolean;
  /** How long it rests, less a jitter of up to a tenth; null where a probe decides, or when it does not rest. */
  @ApiProperty({ type: Number, nullable: true, example: 20_000 })
  readonly rests_ms!: number | null;
  /** How long no key of the channel serves this model, because the limit is shared by all; null when they do. */
  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly model_closed_ms!: number | null;
  /** Whether it counts against the channel, whose breaker opens when there is too much of it. */
  @ApiProperty({ example: false })
  readonly blames_channel!: boolean;
}

/** Of a good answer all is null. */
export class ClassifiedDto {
  /** Null: the answer is good and would be the client's. */
  @ApiProperty({ enum: VERDICT_KINDS, nullable: true, example: 'KEY_RATE' })
  readonly verdict!: VerdictKind | null;
  /** The row of the table that decided. */
  @ApiProperty({ type: String, nullable: true, example: 'openai/rate-limit' })
  readonly rule!: string | null;
  /** The answer's own, else its status: `http_502`. */
  @ApiProperty({ type: String, nullable: true, example: 'rate_limit_exceeded' })
  readonly code!: string | null;
  /** The answer's own words. */
  @ApiProperty({ type: String, nullable: true, example: 'Rate limit reached' })
  readonly message!: string | null;
  readonly effect!: ClassifiedEffectDto;
}
